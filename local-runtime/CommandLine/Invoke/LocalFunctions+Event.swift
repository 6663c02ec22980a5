import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeLambda
import LocalRuntimeReplay
import StreamTokens
import StreamTokensStreamFunction

/// The functions for a single event.
extension LocalFunctions {
    /// Uses a store in memory with the data of the expectation beside the event; without an expectation it is empty.
    ///
    /// `report` is called with what happens to streams.
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

    /// Uses a Redis server, and the settings of `environment`. Throws if the server cannot be reached.
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
            // Not 0: the first loop logs a warning about Redis' settings, which would be repeated on every call.
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
            let givens = FixtureFiles(file: file).map(GivenReader.init(of:)) ?? .withoutFile
            return try Fixture.expectation(try FixtureFile.json(file), givens).0
        } catch {
            throw .unreadableFixture(error.description(in: file))
        }
    }
}
