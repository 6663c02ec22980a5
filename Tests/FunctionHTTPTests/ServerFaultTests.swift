import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Support
import Testing

@Suite("A server with misbehaving clients")
struct ServerFaultTests {
    @Test(
        "a refused request gets the right status, its connection is closed, and others are still served",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "bad_request"),
            (get("X : y"), "400 Bad Request", "bad_request"),
            (get("Content-Length: 1", "Transfer-Encoding: chunked"), "400 Bad Request", "bad_request"),
            ("GET / HTTP/1.1\n", "400 Bad Request", "bad_request"),
            (get("Content-Length: 99"), "413 Content Too Large", "body_too_large"),
            ("GET /\(String(repeating: "a", count: 9000))", "414 URI Too Long", "uri_too_long"),
            (get("Expect: x"), "417 Expectation Failed", "expectation_failed"),
            (
                get("X: \(String(repeating: "a", count: 17_000))"), "431 Request Header Fields Too Large",
                "headers_too_large"
            ),
            (get("Transfer-Encoding: gzip"), "400 Bad Request", "bad_request"),
            (get("Transfer-Encoding: gzip, chunked"), "501 Not Implemented", "not_implemented"),
            ("\(String(repeating: "M", count: 33)) /", "501 Not Implemented", "not_implemented"),
            ("GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported", "http_version_not_supported"),
            (chunked("5 \r\nhello"), "400 Bad Request", "bad_request"),
            (chunked("5\r\nhello!"), "400 Bad Request", "bad_request"),
            (chunked("5\r\nhello\r\n30\r\n"), "413 Content Too Large", "body_too_large"),
        ]
    )
    func refusals(request: String, status: String, code: String) async throws {
        try await TestServer.run(options: .with { $0.bodyLimit = 50 }) { server in
            let expected = "HTTP/1.1 \(status)\r\ncontent-length: \(code.utf8.count)\r\n\(closing)\r\n\(code)"
            let alone = try await server.ask(request)
            #expect(alone == expected)
            let between = try await server.ask(get() + request + get())
            #expect(between == ok("/:") + expected, "the bytes after it are not read as a request")
            let another = try await server.ask(get("Connection: close"))
            #expect(another == ok("/:", closing))
        }
    }

    @Test(
        "a client that sends nothing more gets 408 if its request has begun; otherwise its connection is closed",
        arguments: [
            ("", ""), ("G", "408"), ("GET / HTTP/1.1\r\nHost: h\r\n", "408"),
            ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx", "408"), (chunked("2\r\nx"), "408"),
            (get(), "200"),
            (get() + "GET", "200 408"),
        ]
    )
    func timeouts(request: String, statuses: String) async throws {
        let options = ServerOptions.with {
            $0.headTimeout = .milliseconds(30)
            $0.bodyTimeout = .milliseconds(30)
            $0.idleTimeout = .milliseconds(60)
        }
        try await TestServer.run(options: options) { server in
            let received = try await server.ask(request)
            #expect(
                received.matches(of: /HTTP\/1.1 (\d{3})/).map { String($0.output.1) }.joined(separator: " ") == statuses
            )
        }
    }

    @Test(
        "a refused HEAD gets the length of the refusal but no content",
        arguments: [
            ("HEAD / HTTP/1.1\r\n\r\n", "400 Bad Request", "bad_request"),
            ("HEAD /\u{7f} HTTP/1.1\r\n\r\n", "400 Bad Request", "bad_request"),
            ("HEAD / HTTP/1.1\n", "400 Bad Request", "bad_request"),
            ("HEAD / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported", "http_version_not_supported"),
            ("HEAD /\(String(repeating: "a", count: 9000))", "414 URI Too Long", "uri_too_long"),
            (
                "HEAD / HTTP/1.1\r\nX: \(String(repeating: "a", count: 17_000))",
                "431 Request Header Fields Too Large", "headers_too_large"
            ),
            ("HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "400 Bad Request", "bad_request"),
        ]
    )
    func refusedHead(request: String, status: String, code: String) async throws {
        try await TestServer.run { server in
            let expected = "HTTP/1.1 \(status)\r\ncontent-length: \(code.utf8.count)\r\n\(closing)\r\n"
            let alone = try await server.ask(request)
            #expect(alone == expected)
            let second = try await server.ask(get() + request)
            #expect(second == ok("/:") + expected)
        }
    }

    @Test("a HEAD that arrives too slowly is refused without content", arguments: ["HEAD ", "HEAD / HTTP/1.1\r\nHost"])
    func slowHead(request: String) async throws {
        try await TestServer.run(options: .with { $0.headTimeout = .milliseconds(30) }) { server in
            let received = try await server.ask(request)
            #expect(received == "HTTP/1.1 408 Request Timeout\r\ncontent-length: 15\r\n\(closing)\r\n")
        }
    }

    @Test("a head that arrives byte by byte has no more time than any other")
    func drip() async throws {
        try await TestServer.run(options: .with { $0.headTimeout = .milliseconds(50) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET / HTTP/1.1\r\nX: ")
            // Fails once the server has closed the connection.
            while (try? await client.send("x")) != nil {}
            await expect(server.exchangesDone(1), is: [true])
        }
    }

    @Test("a client that closes its sending side after its last request gets the responses")
    func halfClose() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.port)
            try await client.send(get() + "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
            client.finishSending()
            try await expect(client.receiveAll().withoutDates, is: ok("/:") + ok("/:hi"))
        }
    }

    @Test("content that ends too early gets 400")
    func truncatedContent() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.port)
            try await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhi")
            client.finishSending()
            #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test("a client that reads nothing blocks its stream, and loses its connection after the timeout")
    func backpressure() async throws {
        let written = Lock(0)
        let handler: Handler = { _ in
            Response(
                .ok,
                body: .stream { writer in
                    let chunk = [UInt8](repeating: 0, count: 16 * 1024)
                    while true {
                        try await writer.write(chunk)
                        written.withLock { $0 += chunk.count }
                    }
                }
            )
        }
        try await TestServer.run(options: .with { $0.writeTimeout = .milliseconds(100) }, handler: handler) { server in
            let client = try RawClient(port: server.port)
            try await client.send(get())
            await expect(server.exchangesDone(1), is: [false])
            // The kernel's buffers on both sides.
            #expect(written.withLock { $0 } < 32 << 20)
            withExtendedLifetime(client) {}
        }
    }

    @Test("a client that disconnects ends its stream")
    func disconnect() async throws {
        let handler: Handler = { _ in
            Response(.ok, body: .stream { writer in while true { try await writer.write([0]) } })
        }
        try await TestServer.run(handler: handler) { server in
            do {
                let client = try RawClient(port: server.port)
                try await client.send(get())
                _ = try await client.receive()
            }
            await expect(server.exchangesDone(1), is: [false])
        }
    }

    @Test("connections over the cap wait until one has closed")
    func connectionCap() async throws {
        let options = ServerOptions.with {
            $0.connectionLimit = 1
            // The first one is idle meanwhile and may send another request.
            $0.idleGrace = .seconds(60)
        }
        try await TestServer.run(options: options) { server in
            let first = try RawClient(port: server.port)
            try await first.send(get())
            #expect(try await first.receive(through: "/:").hasSuffix("/:"))
            let second = try RawClient(port: server.port)
            try await second.send(get("Connection: close"))
            await expect(server.connectionCount, is: 1)
            try await first.send(get("Connection: close"))
            #expect(try await first.receiveAll().hasSuffix("/:"))
            #expect(try await second.receiveAll().hasSuffix("/:"))
        }
    }

    @Test("no descriptor stays open, whatever the clients do")
    func descriptors() async throws {
        var port: UInt16 = 0
        try await TestServer.run { server in
            port = server.port
            for request in [
                "", "G", get(), get("X : y"), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx", chunked("z"),
            ] {
                let client = try RawClient(port: server.port)
                try await client.send(request)
            }
            // A response shows that the server has handled everything before it.
            try await expect(server.ask(get("Connection: close")), is: ok("/:", closing))
        }
        #expect(await waitUntil { openSockets(port: port) == [] })
    }
}

extension TestServer {
    /// Waits for `count` exchanges; returns whether each was complete.
    fileprivate func exchangesDone(_ count: Int) async -> [Bool] {
        // The test's time limit bounds this; the loop runs in between.
        while true {
            let done = exchanges.withLock { $0 }
            if done.count >= count { return done }
            await loop.start { [loop] in await loop.sleep(until: loop.now + .milliseconds(2)) }.value
        }
    }
}
