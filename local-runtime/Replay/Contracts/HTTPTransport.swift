import Foundation
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms
import FunctionRuntime
import LocalRuntimeFixtures

/// Puts requests through a function over a socket, as a platform does that speaks HTTP: a server and a client for each.
struct HTTPTransport: Sendable {
    let contract: Contract
    let loop: EventLoop

    /// No fixture's answer may take longer.
    private static let patience = Interval.seconds(30)

    func response(to request: Request, from makeInstance: Runtime.MakeInstance) async throws -> Response {
        let socket = contract == .fn ? NSTemporaryDirectory() + "fn-\(UUID().uuidString.prefix(8))" : nil
        defer {
            if let socket { try? FileManager.default.removeItem(atPath: socket) }
        }
        if let socket { try FileManager.default.createDirectory(atPath: socket, withIntermediateDirectories: true) }
        let path = socket.map { $0 + "/lsnr.sock" }
        let server = try FunctionServer(options(path), sink: LogSink(descriptor: -1), makeInstance: makeInstance)
        try server.start()
        defer { server.stop() }
        let client = Client(on: loop)
        let origin = Origin(host: "127.0.0.1", port: server.address.port ?? 0, socketPath: path)
        do {
            let response = try await exchange(request, client, origin)
            await client.closeIdle()
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

    private func exchange(_ request: Request, _ client: Client, _ origin: Origin) async throws -> Response {
        guard contract == .fn else { return try await send(request, client, origin) }
        guard let call = FnCall.call(carrying: request) else { throw Skipped("its target fits into no field") }
        guard let response = FnCall.response(within: try await send(call, client, origin)) else {
            throw Skipped("the function's answer has no fn-http-status from 200 to 599")
        }
        return response
    }

    private func send(_ request: Request, _ client: Client, _ origin: Origin) async throws -> Response {
        let target = request.path + (request.query.map { "?" + $0 } ?? "")
        let body = try await request.body.collect(upTo: EventReader.sizeLimit)
        guard let wanted = ClientRequest(request.method, target, headers: request.headers, body: body) else {
            throw Skipped("no client sends such a target or method")
        }
        let deadline = Instant.now + Self.patience
        let answer = try await client.send(wanted, to: origin, until: deadline)
        var bytes: [UInt8] = []
        do throws(ClientError) {
            reading: while true {
                switch try await answer.next(until: deadline) {
                case .bytes(let more): bytes += more
                case .end: break reading
                case .nothing: throw .timedOut
                }
            }
        } catch {
            return Response(answer.status, headers: answer.headers, body: .received([bytes], isComplete: false))
        }
        return Response(answer.status, headers: answer.headers, body: .bytes(bytes))
    }
}
