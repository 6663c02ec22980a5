import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Support
import Testing

@Suite("A server whose clients keep it waiting")
struct RoomTests {
    @Test("answers the request that has waited longest for its body with 408 at one more than may wait")
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

    @Test("a handler that reads a body which has to make room gets an error, and its answer is not sent")
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
            let answer = try await clients[0].receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.hasSuffix("request_timeout"))
            #expect(errors.withLock { $0 } == ["request_timeout"])
        }
    }

    @Test("does not count a request that waits for its body, and serves others meanwhile", arguments: [true, false])
    func inFlight(isChunked: Bool) async throws {
        try await TestServer.run(options: .with { $0.requestLimit = 1 }) { server in
            let head = isChunked ? "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" : post(5)
            let waiting = try await server.clients(3, send: head)
            #expect(try await server.ask(get("Connection: close")) == ok("/:", closing))
            for client in waiting {
                try await client.send(isChunked ? "hello\r\n0\r\n\r\n" : "hello")
                #expect(try await client.receive(through: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
                // The connection is as good as ever.
                try await client.send(get("Connection: close"))
                #expect(try await client.receiveAll().withoutDates == ok("/:", closing))
            }
        }
    }

    @Test("holds no more bytes of bodies than its budget: the longest waiting one gets 408")
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

    @Test("a body that comes byte by byte is the one that has waited longest")
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

    @Test("a body whose last byte arrives in the turn in which it makes room is refused whole, or taken whole")
    func sameTurn() async throws {
        for _ in 0..<20 {
            try await TestServer.run(options: .with { $0.waitingBodyLimit = 1 }) { server in
                let clients = try await server.clients(1, send: post(2) + "x")
                let second = try RawClient(port: server.port)
                await server.loop.start {
                    // On the server's own thread: both are there when it looks.
                    #expect(throws: Never.self) {
                        try second.sendAtOnce(post(2))
                        try clients[0].sendAtOnce("y")
                        clients[0].finishSending()
                    }
                }.value
                let answer = try await clients[0].receiveAll().withoutDates
                #expect(answer == ok("/a:xy") || answer.hasPrefix("HTTP/1.1 408 "))
                try await second.send("zz")
                #expect(try await second.receive(through: "zz").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test("ends the connection that has been idle longest when another one comes, after its last call")
    func idle() async throws {
        try await TestServer.run(options: .with { $0.connectionLimit = 2 }) { server in
            var clients: [RawClient] = []
            for _ in 0..<3 {
                let client = try RawClient(port: server.port)
                try await client.send(get())
                #expect(try await client.receive(through: "/:").contains("200 OK"))
                clients.append(client)
            }
            #expect(try await clients[0].receiveAll() == "")
            #expect(await waitUntil { await server.connectionCount <= 2 })
        }
    }

    @Test("answers a request that comes in the last call of an idle connection, and then closes it")
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
            #expect(try await first.receiveAll().withoutDates == ok("/:", closing))
            try await second.send(get("Connection: close"))
            #expect(try await second.receiveAll().withoutDates == ok("/:", closing))
        }
    }

    @Test("heads that are never ended make room at once, the oldest first, and are told 408")
    func heads() async throws {
        try await TestServer.run(options: .with { $0.connectionLimit = 16 }) { server in
            var heads: [RawClient] = []
            for index in 0..<40 {
                heads.append(try RawClient(port: server.port))
                try await heads[index].send("GET / HTTP/1.1\r\nHost:")
            }
            #expect(try await server.ask(get("Connection: close")) == ok("/:", closing))
            #expect(try await heads[0].receiveAll().hasPrefix("HTTP/1.1 408 "))
            #expect(await waitUntil { await server.evictions.slow >= 20 })
            #expect(await server.connectionCount <= 16)
        }
    }

    @Test("a client that never reads makes room like any other")
    func neverReads() async throws {
        try await TestServer.run(options: .with { $0.connectionLimit = 1 }) { server in
            let deaf = try RawClient(port: server.port)
            let content = String(repeating: "x", count: 1 << 16)
            // Until neither side's buffers take more.
            let flooding = Task { while (try? await deaf.send(post(1 << 16) + content)) != nil {} }
            #expect(try await server.ask(get("Connection: close")) == ok("/:", closing))
            await flooding.value
        }
    }

    @Test("a handler is never ended for others to have room")
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

    @Test("what makes room while the server drains is refused, and draining ends")
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
            #expect(try await second.receiveAll().withoutDates == ok("/a:zz", closing))
            await drained.value
        }
    }
}

private func post(_ length: Int) -> String {
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n"
}

extension TestServer {
    /// Clients that have sent `text`, one after the other; `bodies` are waited for once each has.
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

    /// Bodies that were waited for so far: those that are, and those that had to make room.
    private var received: Int {
        get async { await read { $0.waitingBodyCount + $0.evictions.bodies + $0.evictions.bytes } }
    }

    fileprivate var waitingBodies: Int { get async { await read(\.waitingBodyCount) } }
    fileprivate var evictions: Evictions { get async { await read(\.evictions) } }

    private func read<Value: Sendable>(_ value: @escaping @Sendable (Server) -> Value) async -> Value {
        let result = Lock<Value?>(nil)
        await loop.start { [server] in result.withLock { $0 = value(server) } }.value
        // The task has run.
        return result.withLock { $0 }!
    }
}
