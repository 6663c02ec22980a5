import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionHTTP

/// Runs `body` with a client on a separate loop and a server that plays `script`. Checks that neither leaves a
/// descriptor open.
func withClient(
    options: ClientOptions = .longTimeouts,
    _ script: @escaping @Sendable (_ connection: Int) -> [ScriptedServer.Step],
    _ body: (Client, ScriptedServer) async throws -> Void
) async throws {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    let port = try await ScriptedServer.run(script) { server in
        let client = Client(on: loop, options: options)
        try await body(client, server)
        await client.closeIdle()
        return server.port
    }
    #expect(await waitUntil { openSockets(port: port) == [] }, "a descriptor stays open")
}

extension ClientOptions {
    /// A long timeout: other tests may keep this one from running for a while.
    static let longTimeouts = idling(for: .seconds(60))

    static func idling(for timeout: Interval) -> ClientOptions {
        var options = ClientOptions()
        options.idleTimeout = timeout
        return options
    }
}

extension Client {
    /// Sends a GET, or a POST if there is a body, to the server.
    nonisolated func ask(
        _ server: ScriptedServer,
        body: [UInt8]? = nil,
        within limit: Interval = .seconds(60)
    ) async throws(ClientError) -> ClientResponse {
        // The target is legal.
        let request = ClientRequest(body == nil ? .get : .post, "/path", body: body ?? [])!
        return try await send(request, to: Origin(host: "127.0.0.1", port: server.port), until: .now + limit)
    }

    /// Sends a GET and reads the response to its end.
    nonisolated func text(_ server: ScriptedServer) async throws(ClientError) -> String {
        try await ask(server).text()
    }
}

extension ClientResponse {
    /// The rest of the content.
    func text() async throws(ClientError) -> String {
        var bytes: [UInt8] = []
        while true {
            switch try await next(until: .now + .seconds(60)) {
            case .bytes(let more): bytes += more
            case .end: return String(decoding: bytes, as: UTF8.self)
            case .nothing: throw ClientError.timedOut
            }
        }
    }
}

/// The error that `body` throws.
func clientError(_ body: () async throws -> some Any) async -> ClientError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? ClientError
    }
}
