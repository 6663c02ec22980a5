import FunctionCore
package import FunctionEventLoop
import FunctionHTTP
import FunctionRuntime
import StreamTokens

/// The parts of a running ``LocalRuntime``.
struct RunningParts: Sendable {
    let server: FunctionServer
    let store: TestStore
    let inProcess: InProcessService
    /// The test's own thread, so that a function that blocks its thread does not block the client.
    let thread: LoopThread
    private let client: Client

    init(
        _ functions: [LocalFunction],
        _ location: LocalRuntime.StoreLocation,
        _ environment: [String: String],
        _ log: LogSink
    ) async throws(LocalRuntime.StartError) {
        var settings = Settings(environment: environment.filter { !Contract.variables.contains($0.key) })
        let options = Self.options(&settings)
        let makers = functions.map { ($0.serves, $0.configure(&settings)) }
        guard settings.problems.isEmpty else {
            let problems = ["wrong settings:"] + settings.problems
            throw LocalRuntime.StartError(description: problems.joined(separator: "\n  "))
        }
        do {
            let thread = try LoopThread()
            let store = TestStore(location, on: thread)
            server = try FunctionServer(options, sink: log) { context in
                let store = store.store(for: context)
                return .routed(
                    makers.map { serves, make in (serves, make(context, store)) },
                    otherwise: FunctionInstance { FunctionInstance.plainErrorResponse(.notFound, $0) }
                )
            }
            self.store = store
            self.thread = thread
            client = Client(on: thread.loop)
            // There is at least one loop.
            let first = server.services[0]
            inProcess = InProcessService(first.service, on: first.loop)
            try server.start()
        } catch {
            throw LocalRuntime.StartError(description: "\(error)")
        }
        do {
            try await store.base.ping()
        } catch {
            try? await stop()
            server.stop()
            throw LocalRuntime.StartError(description: "the store: \(error)")
        }
    }

    private static func options(_ settings: inout Settings) -> RuntimeOptions {
        var options = RuntimeOptions(&settings)
        options.contract = ContractChoice(.http, because: "the test wants it")
        options.host = "127.0.0.1"
        options.port = 0
        options.loops = options.loops ?? 1
        if settings["GRACE_SECONDS"] == nil { options.grace = .seconds(0) }
        options.server.idleGrace = .milliseconds(0)
        return options
    }

    func sendOverSocket(
        _ request: ClientRequest,
        until deadline: Instant
    ) async throws(ClientError) -> IncomingResponse {
        let origin = Origin(host: "127.0.0.1", port: server.address.port ?? 0)
        let response = try await client.send(request, to: origin, until: deadline)
        return IncomingResponse(status: response.status, headers: response.headers) {
            (deadline) async throws(ClientError) in
            switch try await response.next(until: deadline) {
            case .bytes(let piece): return piece
            case .nothing: throw .timedOut
            case .end: return nil
            }
        }
    }

    /// Ends the requests in flight and closes all connections. The functions' threads stay, idle, until `server.stop()`.
    func stop() async throws {
        await inProcess.stop()
        await client.closeIdle()
        await server.drain()
        try await store.close()
    }
}

/// A loop that runs on a thread of its own as long as there is a reference to it, so that no wait on it is in vain.
package final class LoopThread: Sendable {
    package let loop: EventLoop

    package init() throws(SystemError) {
        loop = try EventLoop()
        try loop.startThread()
    }

    deinit {
        loop.stop()
    }
}
