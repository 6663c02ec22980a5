import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Support
import Testing

@Suite("A server that drains")
struct DrainTests {
    @Test("answers a request that has arrived on an idle connection, and then closes it", arguments: [true, false])
    func arrived(isUsed: Bool) async throws {
        try await TestServer.run { test in
            let client = try RawClient(port: test.port)
            if isUsed {
                try await client.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try await client.receive(through: "/a:").contains("200 OK"))
            }
            await test.loop.start {
                // On the server's own thread, which thus cannot have seen it when draining begins.
                #expect(throws: Never.self) { try client.sendAtOnce("GET /b HTTP/1.1\r\nHost: test\r\n\r\n") }
                await test.server.drain(accepting: .seconds(0), grace: .seconds(10))
            }.value
            #expect(try await client.receiveAll().withoutDates == ok("/b:", closing))
        }
    }

    @Test("answers a request that comes at its last call")
    func idleGrace() async throws {
        try await TestServer.run(options: .with { $0.idleGrace = .seconds(60) }) { test in
            let client = try RawClient(port: test.port)
            let isDraining = Lock(false)
            let drained = test.loop.start {
                isDraining.withLock { $0 = true }
                await test.server.drain(accepting: .seconds(0), grace: .seconds(20))
            }
            while !isDraining.withLock({ $0 }) { await Task.yield() }
            try await client.send("GET /b HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await client.receiveAll().withoutDates == ok("/b:", closing))
            await drained.value
        }
    }

    @Test("closes idle connections after its last call")
    func idle() async throws {
        try await TestServer.run(options: .with { $0.idleGrace = .milliseconds(1) }) { test in
            let clients = [try RawClient(port: test.port), try RawClient(port: test.port)]
            try await clients[0].send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await clients[0].receive(through: "/a:").contains("200 OK"))
            await test.loop.start { await test.server.drain(accepting: .seconds(0), grace: .seconds(60)) }.value
            for client in clients { #expect(try await client.receiveAll() == "") }
        }
    }
}
