import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Glibc
import Support
import Testing

@Suite("A server on sockets")
struct ServerTests {
    @Test("serves one request after the other on a connection, and closes it on request")
    func keepAlive() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.port)
            for path in ["/a", "/b"] {
                try await client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
                try await expect(client.receive(through: "\(path):").withoutDates, is: ok("\(path):"))
            }
            try await client.send("GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            try await expect(client.receiveAll().withoutDates, is: ok("/c:", closing))
        }
    }

    @Test("goes on in a new task after a rest, which is cancelled too when the client leaves")
    func rest() async throws {
        let (tasks, wasCancelled) = (Lock<[Int]>([]), Lock(false))
        let handler: Handler = { request in
            let task = withUnsafeCurrentTask { $0.hashValue }
            tasks.withLock { $0.append(task) }
            if request.path == "/wait" {
                try? await Task.sleep(for: .seconds(600))
                wasCancelled.withLock { $0 = Task.isCancelled }
            }
            return Response(.ok, body: .text(request.path))
        }
        try await TestServer.run(handler: handler) { server in
            let client = try RawClient(port: server.port)
            let both = ["/a", "/b"].map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined()
            try await client.send(both)
            try await expect(client.receive(through: "/b").withoutDates, is: ok("/a") + ok("/b"))
            let first = tasks.withLock { $0 }
            #expect(first.count == 2 && first[0] == first[1])
            while tasks.withLock({ $0.last }) == first[0] {
                // A busy machine may take longer to notice the rest.
                try await Task.sleep(for: .milliseconds(1100))
                try await client.send(both)
                try await expect(client.receive(through: "/b").withoutDates, is: ok("/a") + ok("/b"))
            }
            try await client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
            while tasks.withLock({ $0.count.isMultiple(of: 2) }) { await Task.yield() }
            client.reset()
            #expect(await waitUntil { wasCancelled.withLock { $0 } })
        }
    }

    @Test("responds to pipelined requests in order, with and without content")
    func pipelining() async throws {
        try await TestServer.run { server in
            let requests = (0..<50).map { number in
                switch number % 3 {
                case 0: "GET /\(number) HTTP/1.1\r\nHost: h\r\n\r\n"
                case 1: "POST /\(number) HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                default:
                    "POST /\(number) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                }
            }
            let expected = (0..<50).map { ok("/\($0):" + ($0 % 3 == 0 ? "" : "abc")) }
            let received = try await server.ask(requests.joined() + get("Connection: close"))
            #expect(received == expected.joined() + ok("/:", closing))
        }
    }

    @Test("the last response arrives even if the client has already sent another request")
    func pipelinedBehindTheLast() async throws {
        let next = Lock<(@Sendable () -> Void)?>(nil)
        let handler: Handler = { _ in
            next.withLock { $0 }?()
            return Response(.ok, body: .text("last"))
        }
        try await TestServer.run(handler: handler) { server in
            let client = try RawClient(port: server.port)
            // While the handler runs, so that only the kernel has it.
            next.withLock { $0 = { try? client.sendAtOnce(get()) } }
            try await client.send(get("Connection: close"))
            #expect(try await client.receiveAll().hasSuffix("last"))
            next.withLock { $0 = nil }
        }
    }

    @Test(
        "closes HTTP/1.0 connections unless the client asks to keep them",
        arguments: [
            ("GET / HTTP/1.0\r\n\r\n", ok("/:", closing)),
            (
                "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
                ok("/a:", "connection: keep-alive\r\n") + ok("/b:", closing)
            ),
        ]
    )
    func http10(request: String, expected: String) async throws {
        try await TestServer.run { server in
            let received = try await server.ask(request)
            #expect(received == expected)
        }
    }

    @Test("serves HTTP/1.2 to 1.9 as 1.1", arguments: 2...9)
    func laterMinorVersion(minor: Int) async throws {
        try await TestServer.run { server in
            let request = "POST /a HTTP/1.\(minor)\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
            let received = try await server.ask(request + get("Connection: close"))
            #expect(received == ok("/a:x") + ok("/:", closing))
        }
    }

    @Test("responds to HEAD with the length but no body, and keeps the connection")
    func head() async throws {
        try await TestServer.run { server in
            let received = try await server.ask("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + get("Connection: close"))
            #expect(received == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n" + ok("/:", closing))
        }
    }

    @Test("sends 100 Continue when the handler reads the content, unless that has already arrived")
    func expectsContinue() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.port)
            let head =
                "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
            try await client.send(head)
            try await expect(client.receive(through: "\r\n\r\n"), is: "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("hi")
            try await expect(client.receiveAll().withoutDates, is: ok("/:hi", closing))
            try await expect(server.ask(head + "hi"), is: ok("/:hi", closing))
        }
    }

    @Test("content that came with its head costs no connection if the handler does not read it", arguments: [1, 1000])
    func unreadContent(count: Int) async throws {
        try await TestServer.run(handler: { _ in Response(.unauthorized) }) { server in
            let content = String(repeating: "x", count: count)
            let post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(count)\r\n\r\n\(content)"
            let received = try await server.ask(post + get("Connection: close"))
            let unauthorized = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n"
            #expect(received == "\(unauthorized)\r\n\(unauthorized)connection: close\r\n\r\n")
        }
    }

    @Test("responds at once and closes the connection if the handler does not read the content")
    func refusedContent() async throws {
        try await TestServer.run(handler: { _ in Response(.unauthorized) }) { server in
            let expected = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            for line in ["Expect: 100-continue", "X: y"] {
                let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\(line)\r\n\r\n"
                let received = try await server.ask(head)
                #expect(received == expected)
            }
        }
    }

    @Test("reads content of any size in any pieces", arguments: [true, false])
    func content(isChunked: Bool) async throws {
        let content = String(repeating: "0123456789abcdef", count: 1 << 16)
        let framed =
            isChunked
            ? "Transfer-Encoding: chunked\r\n\r\n8000\r\n\(content.prefix(0x8000))\r\n"
                + "F8000;x=y\r\n\(content.dropFirst(0x8000))\r\n0\r\nTrailer: x\r\n\r\n"
            : "Content-Length: \(content.utf8.count)\r\n\r\n\(content)"
        try await TestServer.run { server in
            let client = try RawClient(port: server.port)
            let bytes = Array("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\(framed)".utf8)
            // A part of the head in single bytes, the rest as fast as possible.
            for byte in bytes[..<20] { try await client.send([byte]) }
            async let sent: Void = client.send(Array(bytes[20...]))
            try await expect(client.receiveAll().withoutDates, is: ok("/:" + content, closing))
            try await sent
        }
    }

    @Test("passes trailers to the reader of the content, after it")
    func trailers() async throws {
        let handler: Handler = { request in
            let writer = TrailerWriter()
            try? await request.body.write(to: writer)
            return Response(.ok, body: .text(await writer.text))
        }
        try await TestServer.run(handler: handler) { (server) async throws in
            let head = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            try await expect(server.ask(head + "2\r\nab\r\n0\r\nX: 1\r\nY: 2\r\n\r\n"), is: ok("ab|x=1|y=2", closing))
            try await expect(server.ask(head + "2\r\nab\r\n0\r\n\r\n"), is: ok("ab", closing))
        }
    }

    @Test("streams in chunks to HTTP/1.1, and until the connection's end to HTTP/1.0")
    func streaming() async throws {
        let handler: Handler = { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("hello".utf8))
                    try await writer.write([])
                    try await writer.write(Array(repeating: UInt8(ascii: "x"), count: 20))
                }
            )
        }
        try await TestServer.run(handler: handler) { server in
            let text = String(repeating: "x", count: 20)
            let chunked = ["", closing].map {
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\($0)\r\n5\r\nhello\r\n14\r\n\(text)\r\n0\r\n\r\n"
            }
            try await expect(server.ask(get() + get("Connection: close")), is: chunked.joined())
            let plain = try await server.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(plain == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello\(text)")
            let head = try await server.ask("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(head == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        }
    }

    @Test("cuts off a stream that fails or does not have its announced length", arguments: [4, 6])
    func brokenStream(length: Int) async throws {
        struct Broken: Error {}
        let handler: Handler = { request in
            Response(
                .ok,
                body: .stream(length: request.path == "/length" ? length : nil) { writer in
                    try await writer.write(Array("hel".utf8))
                    if request.path != "/length" { throw Broken() }
                    try await writer.write(Array("lo".utf8))
                }
            )
        }
        try await TestServer.run(handler: handler) { server in
            let chunks = try await server.ask(get())
            #expect(chunks == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n")
            let sized = try await server.ask("GET /length HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(sized == "HTTP/1.1 200 OK\r\ncontent-length: \(length)\r\n\r\n" + (length == 4 ? "hel" : "hello"))
            #expect(server.exchanges.withLock { $0 } == [false, false])
        }
    }

    @Test("ignores a handler's framing fields, and sends opaque octets unchanged")
    func handlersHeaders() async throws {
        let handler: Handler = { request in
            var response = Response(.noContent, headers: request.headers)
            response.headers["content-length"] = "7"
            response.headers["transfer-encoding"] = "chunked"
            response.headers["connection"] = "upgrade"
            return response
        }
        try await TestServer.run(handler: handler) { server in
            let client = try RawClient(port: server.port)
            try await client.send(Array("GET / HTTP/1.0\r\nX: caf".utf8) + [0xE9] + Array("\r\n\r\n".utf8))
            let received = try await client.receive()
            #expect(received.contains(0xE9))
            let text = String(decoding: received, as: UTF8.self).withoutDates
            #expect(text == "HTTP/1.1 204 No Content\r\nx: caf\u{FFFD}\r\nconnection: close\r\n\r\n")
        }
    }

    @Test("listens on a unix socket")
    func unixSocket() async throws {
        let path = "/tmp/stream-token-test-\(UInt64.random(in: 0...UInt64.max)).sock"
        defer { unlink(path) }
        let address = try #require(SocketAddress(path: path))
        try await TestServer.run(on: address) { _ in
            let client = try RawClient(path: path)
            try await client.send(get("Connection: close"))
            try await expect(client.receiveAll().withoutDates, is: ok("/:", closing))
        }
    }
}

/// Records the content and the trailers.
private actor TrailerWriter: BodyWriter {
    private(set) var text = ""

    func write(_ bytes: [UInt8]) {
        text += String(decoding: bytes, as: UTF8.self)
    }

    func end(with trailers: Headers) {
        for field in trailers.fields { text += "|\(field.name)=\(field.value)" }
    }
}
