package import FunctionCore
package import LocalRuntimeFixtures

/// The functions that one fixture runs against, and the fixture's own store.
package protocol Session: Sendable {
    /// Delivers an event and waits for the whole response; nil if the process was killed before.
    func deliver(_ request: Request, under faults: Faults) async throws -> Outcome?

    /// The origin for a command line that people can paste, without a slash at its end.
    func origin(of request: Request) -> String

    /// Moves the store's clock forward.
    func advance(by span: TimeSpan) async throws

    /// What the store holds of the given organizations and tokens; nil if it cannot be read.
    func contents() async throws -> JSON?

    /// Writes the names of organizations in a response's fields as the fixture gives them: in a shared store they have
    /// others.
    func restoreNames(in headers: inout Headers)

    /// Removes everything that the session created.
    func end() async
}

extension Session {
    /// The address of `local-runtime serve`.
    package func origin(of request: Request) -> String { "http://127.0.0.1:8080" }
}

/// A session whose store can be read and whose clock can be moved.
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

    func restoreNames(in headers: inout Headers) {
        store.restoreNames(in: &headers)
    }
}

/// A place where fixtures run.
package protocol BackEnd: Sendable {
    /// The name in reports.
    var name: String { get }

    /// Makes a session for a fixture. The returned fixture may have other secrets.
    func open(_ fixture: Fixture) async throws -> (fixture: Fixture, session: any Session)
}
