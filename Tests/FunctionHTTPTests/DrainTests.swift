import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Glibc
import Support
import Testing

@Suite("A draining server")
struct DrainTests {
    @Test("responds to a request that has arrived on an idle connection, then closes it", arguments: [true, false])
    func arrived(isUsed: Bool) async throws {
        try await TestServer.run { test in
            let client = try RawClient(port: test.port)
            if isUsed {
                try await client.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try await client.receive(through: "/a:").contains("200 OK"))
            }
            await test.loop.start {
                // On the server's thread, so that it cannot see the request before draining begins.
                #expect(throws: Never.self) { try client.sendAtOnce("GET /b HTTP/1.1\r\nHost: test\r\n\r\n") }
                await test.server.drain(accepting: .seconds(0), grace: .seconds(10))
            }.value
            try await expect(client.receiveAll().withoutDates, is: ok("/b:", closing))
        }
    }

    @Test("responds to a request that arrives in the idle grace period")
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
            try await expect(client.receiveAll().withoutDates, is: ok("/b:", closing))
            await drained.value
        }
    }

    @Test("closes idle connections after the idle grace period")
    func idle() async throws {
        try await TestServer.run(options: .with { $0.idleGrace = .milliseconds(1) }) { test in
            let clients = [try RawClient(port: test.port), try RawClient(port: test.port)]
            try await clients[0].send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await clients[0].receive(through: "/a:").contains("200 OK"))
            await test.loop.start { await test.server.drain(accepting: .seconds(0), grace: .seconds(60)) }.value
            for client in clients { try await expect(client.receiveAll(), is: "") }
        }
    }

    @Test("waits for the last connection it accepts, even if none was left before")
    func goneBetween() async throws {
        let isDrained = Lock(false)
        let wasDrained = Lock(false)
        let handler: Handler = { _ in
            // Long after the end of accepting.
            try? await Task.sleep(for: .milliseconds(1500))
            wasDrained.withLock { $0 = isDrained.withLock { $0 } }
            return Response(.ok, body: .text("whole"))
        }
        try await TestServer.run(handler: handler) { test in
            let early = try RawClient(port: test.port)
            #expect(await waitUntil { await test.connectionCount == 1 })
            let draining = test.loop.start {
                await test.server.drain(accepting: .milliseconds(500), grace: .seconds(20))
                isDrained.withLock { $0 = true }
            }
            let late = Lock<RawClient?>(nil)
            // On the server's thread, so that accepting has not ended.
            await test.loop.start {
                early.finishSending()
                while test.server.connectionCount > 0 { await Task.yield() }
                let client = try? RawClient(port: test.port)
                try? client?.sendAtOnce("GET /late HTTP/1.1\r\nHost: test\r\n\r\n")
                late.withLock { $0 = client }
            }.value
            try await expect(late.withLock({ $0 })?.receiveAll().hasSuffix("whole"), is: true)
            #expect(!wasDrained.withLock { $0 })
            await draining.value
        }
    }

    @Test("responds to a request that arrives while the loop is blocked beyond the idle grace period")
    func heldUp() async throws {
        try await TestServer.run(options: .with { $0.idleGrace = .milliseconds(20) }) { test in
            let client = try RawClient(port: test.port)
            #expect(await waitUntil { await test.connectionCount == 1 })
            await test.loop.start {
                // Fires before the end of the grace period, but in the same turn: the kernel has not announced the
                // request yet.
                let sending = Timer(on: test.loop) {
                    #expect(throws: Never.self) { try client.sendAtOnce("GET /b HTTP/1.1\r\nHost: test\r\n\r\n") }
                }
                let holding = Timer(on: test.loop) { usleep(60_000) }
                holding.deadline = test.loop.now + .milliseconds(8)
                sending.deadline = test.loop.now + .milliseconds(9)
                await test.server.drain(accepting: .seconds(0), grace: .seconds(10))
                sending.cancel()
            }.value
            try await expect(client.receiveAll().withoutDates, is: ok("/b:", closing))
        }
    }
}
