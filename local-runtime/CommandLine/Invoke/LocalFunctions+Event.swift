import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeLambda
import StreamTokens
import StreamTokensStreamFunction

/// The functions as a single event is put through them.
extension LocalFunctions {
    /// With a store in memory that holds what the expectation beside the event gives; without one it is empty.
    ///
    /// `report` is told of what comes of streams.
    init(
        given event: EventInput,
        on loop: EventLoop,
        report: @escaping StreamFunction.Report
    ) async throws(CommandFailure) {
        let given = try Self.given(event)
        let store: any TokenStore
        do throws(StoreError) {
            store = try await GivenStore(given).store()
        } catch {
            throw .couldNotRun("\(event.name): \(error)")
        }
        let workflow = given.workflow
        self.init(given.settings, for: .silent(on: loop), store: store, around: { workflow ?? $0 }, report: report)
    }

    /// With the store in a Redis server, which has to answer, and settings from `environment`, as they are served.
    init(
        redis server: RedisLocation.Server,
        environment: [String: String],
        on loop: EventLoop,
        sink: LogSink
    ) async throws(CommandFailure) {
        var settings = Settings(environment: environment)
        let functions = FunctionSettings(&settings)
        guard settings.problems.isEmpty else {
            throw .usage((["wrong settings in the environment:"] + settings.problems).joined(separator: "\n  "))
        }
        let context = LoopContext(
            loop: loop,
            // The first would warn of how Redis is set, every time.
            index: 1,
            log: Log(on: loop, level: .warning, audit: environment["AUDIT_LOG"] == "on" ? .on : .off, sink: sink),
            random: SystemRandom()
        )
        let store = LocalStore(server, on: loop)
        try await store.ping()
        self.init(functions, for: context, store: store.store(for: context))
    }

    private static func given(_ event: EventInput) throws(CommandFailure) -> Given {
        guard let file = event.expectationFile else { return Given() }
        do throws(FixtureError) {
            let json = try FixtureFile.json(file)
            return try FixtureError.reading(try Fixture.expectation(json)).0
        } catch {
            throw .unreadableFixture(error.description(in: file))
        }
    }
}
