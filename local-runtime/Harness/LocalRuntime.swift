import FunctionCore
package import FunctionEventLoop
package import FunctionHTTP
public import FunctionRedis
public import FunctionRuntime

/// The harness around functions, for tests: it runs them in this process, on a port of their own, until it is stopped.
///
/// ```swift
/// try await LocalRuntime.running([.token, .stream]) { runtime in
///     let key = try await runtime.store.makeOrganization(credits: 1).makeKey()
///     let answer = try await runtime.client(.inProcess).get("/api/v1/token?ttl=60", bearer: key)
///     #expect(answer.status == .ok)
/// }
/// ```
///
/// Any number of them can be there at once. One that nobody holds any more is stopped, too.
public final class LocalRuntime: Sendable {
    /// Where its functions keep tokens, keys and organizations.
    public var store: TestStore { parts.store }
    /// Where they can be reached by others: `http://127.0.0.1:54321`.
    public var url: String { "http://\(parts.server.address)" }

    private let parts: RunningParts
    private let isStopped = Lock(false)

    /// Where a runtime's store is.
    public enum StoreLocation: Sendable {
        /// In memory, anew for each runtime.
        case memory
        /// In a Redis server that others may use: what the test makes has names of its own, and is removed at the end.
        case redis(RedisURL)
    }

    /// Why it could not start.
    public struct StartError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Starts `functions`. A request is answered by the first of them that answers at its path, else by a 404.
    ///
    /// `settings` are what a deployed function finds in its environment, such as `TOKEN_TTL_POLICY`; LOOPS is 1 and
    /// GRACE_SECONDS 0 where they are not there. The log goes nowhere without `log`; `LogSink()` is standard error.
    public static func start(
        functions: [LocalFunction],
        store: StoreLocation = .memory,
        settings: [String: String] = [:],
        log: LogSink = LogSink(descriptor: -1)
    ) async throws(StartError) -> LocalRuntime {
        LocalRuntime(try await RunningParts(functions, store, settings, log))
    }

    /// Starts `functions` (as ``start(functions:store:settings:log:)``), runs `body`, and stops them, whatever it throws.
    public static func running<Result>(
        _ functions: [LocalFunction],
        store: StoreLocation = .memory,
        settings: [String: String] = [:],
        log: LogSink = LogSink(descriptor: -1),
        _ body: (LocalRuntime) async throws -> Result
    ) async throws -> Result {
        let runtime = try await start(functions: functions, store: store, settings: settings, log: log)
        do {
            let result = try await body(runtime)
            try await runtime.stop()
            return result
        } catch {
            // What went wrong first is what matters.
            try? await runtime.stop()
            throw error
        }
    }

    private init(_ parts: RunningParts) {
        self.parts = parts
    }

    deinit {
        parts.thread.loop.start { [parts, isRunning] in
            if isRunning { try? await parts.stop() }
            parts.server.stop()
        }
    }

    /// A client whose requests take that way.
    public func client(_ way: TestClient.Way = .inProcess) -> TestClient {
        TestClient(way, of: self)
    }

    /// Ends what is under way, closes every socket, and removes what was made in the store. A second call does nothing.
    public func stop() async throws {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        if isFirst { try await parts.stop() }
    }

    package var isRunning: Bool { isStopped.withLock { !$0 } }

    /// Has a request answered, by `deadline` at the latest.
    package func send(
        _ request: ClientRequest,
        _ way: TestClient.Way,
        until deadline: Instant
    ) async throws(ClientError) -> TestAnswer {
        guard isRunning else { throw .connectFailed("the runtime was stopped") }
        return switch way {
        case .inProcess: try await parts.inProcess.send(request, until: deadline)
        case .socket: try await parts.sendOverSocket(request, until: deadline)
        }
    }
}
