import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Support

/// A server for one test, with its own loop and port.
struct TestServer: Sendable {
    let port: UInt16
    let loop: EventLoop
    let server: Server
    /// Whether each finished exchange was complete.
    let exchanges: Lock<[Bool]>

    /// Sends `text` and returns everything until the server closes the connection, without dates.
    func ask(_ text: String) async throws -> String {
        let client = try RawClient(port: port)
        try await client.send(text)
        return try await client.receiveAll().withoutDates
    }

    var connectionCount: Int {
        get async {
            let count = Lock(0)
            await loop.start { [server] in count.withLock { $0 = server.connectionCount } }.value
            return count.withLock { $0 }
        }
    }

    /// Serves `handler` while `body` runs. Makes no assertion except that the server stops.
    static func run(
        on address: SocketAddress? = nil,
        options: ServerOptions = .longTimeouts,
        handler: @escaping Handler = echo,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let loop = try EventLoop()
        let exchanges = Lock<[Bool]>([])
        let service = Service(
            respond: handler,
            refuse: { Response($0.error.status, body: .text($0.error.code ?? "")) },
            completed: { exchange in exchanges.withLock { $0.append(exchange.isComplete) } }
        )
        let server = Server(on: loop, options: options, service: service)
        let bound = try server.listen(on: address ?? .loopback(FreePort.find()))
        loop.runOnNewThread()
        let result: Result<Void, any Error>
        do {
            try await body(TestServer(port: bound.port ?? 0, loop: loop, server: server, exchanges: exchanges))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await loop.start { await server.drain(accepting: .seconds(0), grace: .seconds(1)) }.value
        loop.stop()
        try result.get()
    }

    /// Responds with the path and the content of the request.
    static let echo: Handler = { request in
        guard let content = try? await request.body.collect(upTo: 1 << 21) else { return Response(.badRequest) }
        return Response(.ok, body: .bytes(Array("\(request.path):".utf8) + content))
    }
}

extension ServerOptions {
    /// Long timeouts: other tests may keep this test's client from running for a while.
    static let longTimeouts: ServerOptions = {
        var options = ServerOptions()
        options.headTimeout = .seconds(60)
        options.bodyTimeout = .seconds(60)
        return options
    }()

    static func with(_ change: (inout ServerOptions) -> Void) -> ServerOptions {
        var options = longTimeouts
        change(&options)
        return options
    }
}

extension String {
    /// Equal responses differ only in their dates.
    var withoutDates: String {
        replacing(/date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n/, with: "")
    }
}

/// A 200 with a content-length.
func ok(_ body: String, _ line: String = "") -> String {
    "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\(line)\r\n\(body)"
}

let closing = "connection: close\r\n"
