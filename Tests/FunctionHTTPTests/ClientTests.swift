import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionHTTP

private let okay = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

@Suite("The client")
struct ClientTests {
    @Test("sends method, target, Host, the caller's fields, and the body with its length")
    func request() async throws {
        try await withClient({ _ in [.request, .text(okay)] }) { client, server in
            let headers: Headers = [
                "x-a": "caf\u{e9}", "content-length": "9", "transfer-encoding": "chunked", "connection": "close",
                "host": "other", "x-b": "2", "expect": "100-continue", "upgrade": "x",
            ]
            let request = try #require(ClientRequest(.post, "/p?q=1", headers: headers, body: Array("hi".utf8)))
            let origin = Origin(host: "127.0.0.1", port: server.port)
            let response = try await client.send(request, to: origin, until: .now + .seconds(60))
            #expect(response.status == .ok)
            try await expect(response.text(), is: "ok")
            let expected =
                "POST /p?q=1 HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\nx-a: caf\u{fffd}\r\nx-b: 2\r\n"
                + "content-length: 2\r\n\r\nhi"
            #expect(server.requests == [expected])
        }
    }

    @Test("sends content-length 0 if the method expects content, and none otherwise")
    func lengths() async throws {
        try await withClient({ _ in [.request, .text(okay), .request, .text(okay)] }) { client, server in
            _ = try await client.ask(server).text()
            _ = try await client.ask(server, body: []).text()
            #expect(server.requests.map { $0.contains("content-length: 0\r\n") } == [false, true])
        }
    }

    @Test(
        "refuses a target that would change the request",
        arguments: ["", "x", "/a b", "/a\r\nb", "/\u{e9}", "/#", "*"]
    )
    func targets(target: String) {
        #expect(ClientRequest(.get, target) == nil)
    }

    @Test("connects to a server by name")
    func name() async throws {
        try await withClient({ _ in [.request, .text(okay)] }) { client, server in
            let request = try #require(ClientRequest(.get, "/"))
            let origin = Origin(host: "localhost", port: server.port)
            try await expect(client.send(request, to: origin, until: .now + .seconds(60)).text(), is: "ok")
            #expect(server.requests[0].contains("host: localhost:\(server.port)\r\n"))
        }
    }

    @Test(
        "leaves the final dot of a full name out of Host",
        arguments: [
            ("workflows.svc.cluster.local.", 8080, "workflows.svc.cluster.local:8080"), ("a.example.", 80, "a.example"),
            ("a.example", 80, "a.example"), ("::1", 80, "[::1]"),
        ] as [(String, UInt16, String)]
    )
    func rootDot(host: String, port: UInt16, field: String) {
        #expect(Origin(host: host, port: port).description == field)
    }

    @Test("reads a response that arrives byte by byte")
    func bytewise() async throws {
        let wire = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x\r\nd\r\n0\r\nT: y\r\n\r\n"
        try await withClient({ _ in [.request, .bytewise(wire), .request, .text(okay)] }) { client, server in
            try await expect(client.text(server), is: "abcd")
            try await expect(client.text(server), is: "ok")
            #expect(server.connectionCount == 1)
        }
    }

    @Test("returns content as it arrives, and reports when nothing has arrived")
    func pieces() async throws {
        let more = Gate()
        let script: [ScriptedServer.Step] = [
            .request, .text("HTTP/1.1 200 OK\r\n\r\none"), .pause(more), .text("two"),
        ]
        try await withClient({ _ in script }) { client, server in
            let response = try await client.ask(server)
            try await expect(response.next(until: .now + .seconds(60)), is: .bytes(Array("one".utf8)))
            try await expect(response.next(until: .now + .milliseconds(20)), is: .nothing)
            try await expect(response.next(until: .now), is: .nothing)
            more.open()
            try await expect(response.text(), is: "two")
            try await expect(response.next(until: .now), is: .end)
        }
    }

    @Test("reads at most 16 KiB at a time, and so slows the server down")
    func backpressure() async throws {
        let size = 10 << 20
        let content = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        let script: [ScriptedServer.Step] = [
            .request, .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n"),
            .send(content), .text("\r\n0\r\n\r\n"), .request, .text(okay),
        ]
        try await withClient({ _ in script }) { client, server in
            let response = try await client.ask(server)
            #expect(await waitUntil { server.isBlocked })
            #expect(server.bytesSent < size)
            var count = 0
            while case .bytes(let bytes) = try await response.next(until: .now + .seconds(60)) {
                count += bytes.count
                #expect(!bytes.isEmpty && bytes.count <= 16 * 1024)
            }
            #expect(count == size)
            try await expect(client.text(server), is: "ok")
        }
    }

    @Test("lets others run on the loop, however fast a server sends")
    func fairness() async throws {
        let size = 64 << 20
        let script: [ScriptedServer.Step] = [
            .request, .text("HTTP/1.1 200 OK\r\n\r\n"), .send([UInt8](repeating: 0, count: size)),
        ]
        try await withClient({ _ in script }) { client, server in
            let response = try await client.ask(server)
            let turns = Lock(0)
            let reading = client.loop.start {
                while case .bytes = try? await response.next(until: .now + .seconds(60)) {}
            }
            let counting = client.loop.start {
                while !Task.isCancelled {
                    turns.withLock { $0 += 1 }
                    await client.loop.sleep(until: client.loop.now)
                }
            }
            await reading.value
            counting.cancel()
            // A read takes at most 16 KiB.
            #expect(turns.withLock { $0 } >= size / (16 * 1024) / 16)
        }
    }

    @Test("writes a large body as fast as the server takes it")
    func largeBody() async throws {
        let size = 8 << 20
        let slow = Gate()
        try await withClient({ _ in [.pause(slow), .request, .text(okay), .request, .text(okay)] }) { client, server in
            async let response = client.ask(server, body: [UInt8](repeating: UInt8(ascii: "x"), count: size))
            slow.open()
            try await expect(response.text(), is: "ok")
            #expect(server.requests[0].utf8.count > size)
            try await expect(client.text(server), is: "ok")
            #expect(server.connectionCount == 1)
        }
    }

    @Test("reads a response that arrives before the whole body was sent, and closes that connection")
    func earlyResponse() async throws {
        let wire = "HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig"
        let closed = Gate()
        try await withClient({ $0 == 1 ? [.text(wire), .untilClosed(closed)] : [.request, .text(okay)] }) {
            client,
            server in
            let response = try await client.ask(server, body: [UInt8](repeating: 0, count: 64 << 20))
            #expect(response.status == .contentTooLarge)
            try await expect(response.text(), is: "big")
            #expect(await closed.opened())
            try await expect(client.text(server), is: "ok")
            #expect(server.connectionCount == 2)
        }
    }

    @Test("closes the connection of a response that can no longer be read")
    func dropped() async throws {
        let closed = Gate()
        try await withClient({ _ in [.request, .text("HTTP/1.1 200 OK\r\n\r\none"), .untilClosed(closed)] }) {
            client,
            server in
            _ = try await client.ask(server)
            #expect(await closed.opened())
        }
    }
}
