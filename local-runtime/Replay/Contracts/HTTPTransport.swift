import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms
import FunctionRuntime
import LocalRuntimeConsole

/// Sends requests to a function over a socket, as a platform that speaks HTTP does. Each request has its own server and
/// client.
struct HTTPTransport: Sendable {
    let contract: Contract
    let loop: EventLoop

    /// The longest that a fixture's response may take.
    private static let timeout = Interval.seconds(30)

    func response(to request: Request, from makeInstance: Runtime.MakeInstance) async throws -> Response {
        let folder = contract == .fn ? try SocketFolder("fn") : nil
        defer { folder?.remove() }
        let path = folder?.path(of: "lsnr.sock")
        let server = try FunctionServer(options(path), sink: LogSink(descriptor: -1), makeInstance: makeInstance)
        try server.start()
        defer { server.stop() }
        let transfer = WebTransfer(on: loop, timeout: Self.timeout)
        let origin = Origin(host: "127.0.0.1", port: server.address.port ?? 0, socketPath: path)
        do {
            let response = try await exchange(request, transfer, origin)
            await transfer.client.closeIdle()
            await server.drain()
            return response
        } catch {
            await server.drain()
            throw error
        }
    }

    private func options(_ socketPath: String?) -> RuntimeOptions {
        var settings = Settings(environment: socketPath.map { ["FN_LISTENER": "unix:\($0)"] } ?? [:])
        var options = RuntimeOptions(&settings)
        options.contract = ContractChoice(contract, because: "the replay wants it")
        options.host = "127.0.0.1"
        options.port = 0
        options.loops = 1
        options.grace = .seconds(1)
        options.server.idleGrace = .milliseconds(0)
        return options
    }

    private func exchange(_ request: Request, _ transfer: WebTransfer, _ origin: Origin) async throws -> Response {
        guard contract == .fn else {
            return try await transfer.response(to: request, at: origin, keepsHost: true)
        }
        guard let call = FnCall.call(carrying: request) else { throw Skipped("no header field can carry its target") }
        guard let response = FnCall.response(within: try await transfer.response(to: call, at: origin)) else {
            throw Skipped("the function's response has no fn-http-status from 200 to 599")
        }
        return response
    }
}
