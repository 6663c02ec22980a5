package import FunctionCore
package import LocalRuntimeFixtures

/// What one fixture is run against: functions, and a store that it has for itself.
package protocol Session: Sendable {
    /// Delivers an event and waits for the whole answer; nil if the process was killed before.
    func deliver(_ request: Request, under faults: Faults) async throws -> Outcome?

    /// Where people can send an event to themselves, without a slash at its end.
    func origin(of request: Request) -> String

    /// Moves the store's clock on.
    func advance(by span: TimeSpan) async throws

    /// What the store holds of what was given; nil if that cannot be asked.
    func contents() async throws -> JSON?

    /// Removes what is left of it.
    func end() async
}

extension Session {
    /// The address of `local-runtime serve`.
    package func origin(of request: Request) -> String { "http://127.0.0.1:8080" }
}

/// A session whose store can be asked and whose clock can be moved.
protocol StoredSession: Session {
    var store: GivenStore { get }
}

extension StoredSession {
    func advance(by span: TimeSpan) {
        store.advance(by: span)
    }

    func contents() async throws -> JSON? {
        try await store.contents()
    }
}

/// Where fixtures are run.
package protocol BackEnd: Sendable {
    /// What a fixture is told to be run by, for people.
    var name: String { get }

    /// Makes a session for a fixture, which may have other secrets there.
    func open(_ fixture: Fixture) async throws -> (fixture: Fixture, session: any Session)
}
