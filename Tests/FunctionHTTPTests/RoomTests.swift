import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Support
import Testing

@Suite("Making room on a server whose clients keep it waiting")
struct RoomTests {
    @Test("with one request more than may wait for its body, the longest waiting one gets 408")
    func bodies() async throws {
        try await TestServer.run(options: .with { $0.waitingBodyLimit = 2 }) { server in
            let clients = try await server.clients(3, send: post(10))
            #expect(try await clients[0].receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            for client in clients[1...] {
                try await client.send("0123456789")
                #expect(try await client.receive(through: "/a:0123456789").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test("a handler whose request is evicted gets an error, and its response is not sent")
    func typedError() async throws {
        let errors = Lock<[String]>([])
        let handler: Handler = { request in
            do {
                return Response(.ok, body: .bytes(try await request.body.collect(upTo: 100)))
            } catch {
                errors.withLock { $0.append((error as? Refusal)?.error.code ?? "another") }
                return Response(.ok, body: .text("swallowed"))
            }
        }
        try await TestServer.run(options: .with { $0.waitingBodyLimit = 1 }, handler: handler) { server in
            let clients = try await server.clients(2, send: post(10) + "01234")
            let received = try await clients[0].receiveAll()
            #expect(received.hasPrefix("HTTP/1.1 408 ") && received.hasSuffix("request_timeout"))
            #expect(errors.withLock { $0 } == ["request_timeout"])
        }
    }

    @Test("a request that waits for its body does not count as in flight", arguments: [true, false])
    func inFlight(isChunked: Bool) async throws {
        try await TestServer.run(options: .with { $0.requestLimit = 1 }) { server in
            let head = isChunked ? "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" : post(5)
            let waiting = try await server.clients(3, send: head)
            try await expect(server.ask(get("Connection: close")), is: ok("/:", closing))
            for client in waiting {
                try await client.send(isChunked ? "hello\r\n0\r\n\r\n" : "hello")
                #expect(try await client.receive(through: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
                // The connection can still be used.
                try await client.send(get("Connection: close"))
                try await expect(client.receiveAll().withoutDates, is: ok("/:", closing))
            }
        }
    }

    @Test("when bodies exceed their byte budget, the longest waiting request gets 408")
    func budget() async throws {
        let options = ServerOptions.with {
            $0.bodyLimit = 100
            $0.bodyBudget = 250
        }
        try await TestServer.run(options: options) { server in
            let part = String(repeating: "x", count: 99)
            let clients = try await server.clients(3, send: post(100) + part, bodies: [1, 2, 2])
            #expect(try await clients[0].receiveAll().hasPrefix("HTTP/1.1 408 "))
            for client in clients[1...] {
                try await client.send("y")
                #expect(try await client.receive(through: part + "y").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test("a body that arrives byte by byte has waited since its beginning")
    func drip() async throws {
        try await TestServer.run(options: .with { $0.waitingBodyLimit = 2 }) { server in
            let slow = try RawClient(port: server.port)
            try await slow.send(post(1000))
            #expect(await waitUntil { await server.waitingBodies == 1 })
            for _ in 0..<3 {
                try await slow.send("x")
                _ = try await server.ask(get("Connection: close"))
            }
            let others = try await server.clients(2, send: post(10), bodies: [2, 2])
            #expect(try await slow.receiveAll().hasPrefix("HTTP/1.1 408 "))
            withExtendedLifetime(others) {}
        }
    }

    @Test("a request evicted in the turn in which its body ends is either refused or served completely")
    func sameTurn() async throws {
        for _ in 0..<20 {
            try await TestServer.run(options: .with { $0.waitingBodyLimit = 1 }) { server in
                let clients = try await server.clients(1, send: post(2) + "x")
                let second = try RawClient(port: server.port)
                await server.loop.start {
                    // On the server's thread, so that it finds both at once.
                    #expect(throws: Never.self) {
                        try second.sendAtOnce(post(2))
                        try clients[0].sendAtOnce("y")
                        clients[0].finishSending()
                    }
                }.value
                let received = try await clients[0].receiveAll().withoutDates
                #expect(received == ok("/a:xy") || received.hasPrefix("HTTP/1.1 408 "))
                try await second.send("zz")
                #expect(try await second.receive(through: "zz").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test("a new connection closes the one that has been idle longest, after its idle grace period")
    func idle() async throws {
        try await TestServer.run(options: .with { $0.connectionLimit = 2 }) { server in
            var clients: [RawClient] = []
            for _ in 0..<3 {
                let client = try RawClient(port: server.port)
                try await client.send(get())
                #expect(try await client.receive(through: "/:").contains("200 OK"))
                clients.append(client)
            }
            try await expect(clients[0].receiveAll(), is: "")
            #expect(await waitUntil { await server.connectionCount <= 2 })
        }
    }

    @Test("a request in the idle grace period gets its response, then the connection closes")
    func idleGrace() async throws {
        let options = ServerOptions.with {
            $0.connectionLimit = 1
            $0.idleGrace = .seconds(60)
        }
        try await TestServer.run(options: options) { server in
            let first = try RawClient(port: server.port)
            try await first.send(get())
            #expect(try await first.receive(through: "/:").contains("200 OK"))
            let second = try RawClient(port: server.port)
            #expect(await waitUntil { await server.evictions.idle == 1 })
            try await first.send(get())
            try await expect(first.receiveAll().withoutDates, is: ok("/:", closing))
            try await second.send(get("Connection: close"))
            try await expect(second.receiveAll().withoutDates, is: ok("/:", closing))
        }
    }

    @Test("heads that never end make room at once with 408, the oldest first")
    func heads() async throws {
        try await TestServer.run(options: .with { $0.connectionLimit = 16 }) { server in
            var heads: [RawClient] = []
            for index in 0..<40 {
                heads.append(try RawClient(port: server.port))
                try await heads[index].send("GET / HTTP/1.1\r\nHost:")
            }
            try await expect(server.ask(get("Connection: close")), is: ok("/:", closing))
            #expect(try await heads[0].receiveAll().hasPrefix("HTTP/1.1 408 "))
            #expect(await waitUntil { await server.evictions.slow >= 20 })
            await expect(server.connectionCount, in: ...16)
        }
    }

    @Test("a client that never reads makes room like any other")
    func neverReads() async throws {
        try await TestServer.run(options: .with { $0.connectionLimit = 1 }) { server in
            let deaf = try RawClient(port: server.port)
            let content = String(repeating: "x", count: 1 << 16)
            // Until the buffers of both sides are full.
            let flooding = Task { while (try? await deaf.send(post(1 << 16) + content)) != nil {} }
            try await expect(server.ask(get("Connection: close")), is: ok("/:", closing))
            await flooding.value
        }
    }

    @Test("a request in a handler never makes room")
    func busy() async throws {
        let (begun, mayEnd) = (Gate(), Gate())
        let handler: Handler = { _ in
            begun.open()
            _ = await mayEnd.opened()
            return Response(.ok, body: .text("done"))
        }
        try await TestServer.run(options: .with { $0.connectionLimit = 1 }, handler: handler) { server in
            let first = try RawClient(port: server.port)
            try await first.send(get())
            #expect(await begun.opened())
            let second = try RawClient(port: server.port)
            try await second.send(get("Connection: close"))
            mayEnd.open()
            #expect(try await first.receive(through: "done").contains("200 OK"))
            #expect(try await second.receiveAll().contains("200 OK"))
        }
    }

    @Test("a request evicted while the server drains gets 408, and draining ends")
    func draining() async throws {
        let options = ServerOptions.with {
            $0.waitingBodyLimit = 1
            $0.idleGrace = .seconds(60)
        }
        try await TestServer.run(options: options) { server in
            let clients = try await server.clients(1, send: post(10))
            let second = try RawClient(port: server.port)
            #expect(await waitUntil { await server.connectionCount == 2 })
            let drained = server.loop.start {
                await server.server.drain(accepting: .seconds(0), grace: .seconds(20))
            }
            try await second.send(post(2))
            #expect(try await clients[0].receiveAll().hasPrefix("HTTP/1.1 408 "))
            try await second.send("zz")
            try await expect(second.receiveAll().withoutDates, is: ok("/a:zz", closing))
            await drained.value
        }
    }
}

private func post(_ length: Int) -> String {
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n"
}

extension TestServer {
    /// Clients that have sent `text`, one after the other. `bodies`: how many requests wait for bodies after each.
    fileprivate func clients(_ count: Int, send text: String, bodies: [Int]? = nil) async throws -> [RawClient] {
        var clients: [RawClient] = []
        for index in 0..<count {
            let client = try RawClient(port: port)
            let before = await received
            try await client.send(text)
            let expected = bodies?[index]
            let hasCome = await waitUntil {
                let (now, waiting) = (await received, await waitingBodies)
                return now > before && (expected == nil || waiting == expected)
            }
            #expect(hasCome)
            clients.append(client)
        }
        return clients
    }

    /// Requests that have waited for their bodies so far: those that still do, and those that were evicted.
    private var received: Int {
        get async { await read { $0.waitingBodyCount + $0.evictions.bodies + $0.evictions.bytes } }
    }

    fileprivate var waitingBodies: Int { get async { await read(\.waitingBodyCount) } }
    fileprivate var evictions: Evictions { get async { await read(\.evictions) } }

    private func read<Value: Sendable>(_ value: @escaping @Sendable (Server) -> Value) async -> Value {
        let result = Lock<Value?>(nil)
        await loop.start { [server] in result.withLock { $0 = value(server) } }.value
        // Not nil: the task has run.
        return result.withLock { $0 }!
    }
}
