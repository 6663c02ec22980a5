import FunctionCore
package import FunctionEventLoop
package import FunctionHTTP
public import FunctionRedis
public import FunctionRuntime

/// The harness for tests: it runs functions in this process, on a port of their own, until it is stopped.
///
/// ```swift
/// try await LocalRuntime.running([.token, .stream]) { runtime in
///     let key = try await runtime.store.makeOrganization(credits: 1).makeKey()
///     let response = try await runtime.client(.inProcess).get("/api/v1/token?ttl=60", bearer: key)
///     #expect(response.status == .ok)
/// }
/// ```
///
/// Any number of them can run at once. A runtime also stops when its last reference is gone.
public final class LocalRuntime: Sendable {
    /// The store of its functions: tokens, keys and organizations.
    public var store: TestStore { parts.store }
    /// The origin at which others reach the functions: `http://127.0.0.1:54321`.
    public var url: String { "http://\(parts.server.address)" }

    private let parts: RunningParts
    private let isStopped = Lock(false)

    /// The place of a runtime's store.
    public enum StoreLocation: Sendable {
        /// In memory, a new one for each runtime.
        case memory
        /// In a Redis server, which others may use too. The test's organizations have unique names, and are removed at
        /// the end.
        case redis(RedisURL)
    }

    /// Says why it could not start.
    public struct StartError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Starts `functions`. A request goes to the first one that serves its path; if none does, the response is a 404.
    ///
    /// `settings` are the environment variables of a deployed function, such as `TOKEN_TTL_POLICY`. The defaults are 1
    /// for LOOPS and 0 for GRACE_SECONDS. `log` discards the log by default; `LogSink()` is standard error.
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
            // The first error is the one that matters.
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

    /// A client whose requests go this way.
    public func client(_ way: TestClient.Way = .inProcess) -> TestClient {
        TestClient(way, of: self)
    }

    /// Ends the requests in flight, closes every socket, and removes the test's organizations from the store. A second
    /// call does nothing.
    public func stop() async throws {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        if isFirst { try await parts.stop() }
    }

    package var isRunning: Bool { isStopped.withLock { !$0 } }

    /// Sends a request, and returns its response with the head. Throws `timedOut` after `deadline`.
    package func send(
        _ request: ClientRequest,
        _ way: TestClient.Way,
        until deadline: Instant
    ) async throws(ClientError) -> IncomingResponse {
        guard isRunning else { throw .connectFailed("the runtime was stopped") }
        return switch way {
        case .inProcess: try await parts.inProcess.send(request, until: deadline)
        case .socket: try await parts.sendOverSocket(request, until: deadline)
        }
    }
}
