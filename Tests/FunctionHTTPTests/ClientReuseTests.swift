import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionHTTP

private let okay = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

@Suite("Idle connections of the client")
struct ClientReuseTests {
    @Test("are reused, the most recent one first")
    func reuse() async throws {
        try await withClient({ _ in Array(repeating: [.request, .text(okay)], count: 10).flatMap { $0 } }) {
            client,
            server in
            for _ in 0..<10 { try await expect(client.text(server), is: "ok") }
            #expect(server.connectionCount == 1)
            await expect(client.idleCount, is: 1)
        }
    }

    @Test(
        "are not reused if the response asks to close them or bytes follow it",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
            "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n",
        ]
    )
    func noReuse(wire: String) async throws {
        let closed = Gate()
        try await withClient({ $0 == 1 ? [.request, .text(wire), .untilClosed(closed)] : [.request, .text(okay)] }) {
            client,
            server in
            try await expect(client.text(server), is: "ok")
            #expect(await closed.opened())
            await expect(client.idleCount, is: 0)
            try await expect(client.text(server), is: "ok")
            #expect(server.connectionCount == 2)
        }
    }

    @Test("are not reused if bytes have arrived since the response")
    func unasked() async throws {
        let more = Gate()
        let sent = Gate()
        let first: [ScriptedServer.Step] = [
            .request, .text(okay), .pause(more), .text(okay), .open(sent), .untilClosed(Gate()),
        ]
        try await withClient({ $0 == 1 ? first : [.request, .text(okay)] }) { client, server in
            try await expect(client.text(server), is: "ok")
            await expect(client.idleCount, is: 1)
            more.open()
            #expect(await sent.opened())
            try await expect(client.text(server), is: "ok")
            #expect(server.connectionCount == 2)
        }
    }

    @Test("are not reused if the server has closed or reset them", arguments: [false, true])
    func closed(byReset: Bool) async throws {
        let more = Gate()
        let first: [ScriptedServer.Step] = [.request, .text(okay), .pause(more)] + (byReset ? [.reset] : [])
        try await withClient({ $0 == 1 ? first : [.request, .text(okay)] }) { client, server in
            try await expect(client.text(server), is: "ok")
            more.open()
            // Only the server's descriptor is closed: the client keeps its own until it checks.
            #expect(await waitUntil { openSockets(port: server.port).count <= 2 })
            try await expect(client.text(server), is: "ok")
            #expect(server.connectionCount == 2)
        }
    }

    @Test("a request lost on a reused connection is not sent again")
    func sentOnce() async throws {
        try await withClient({ _ in [.request, .text(okay), .request] }) { client, server in
            try await expect(client.ask(server, body: [1]).text(), is: "ok")
            await expect(clientError { try await client.ask(server, body: [2]) }, is: .connectionLost)
            #expect(server.connectionCount == 1)
            #expect(server.requests.count == 2)
        }
    }

    @Test("are closed after the idle timeout")
    func expiry() async throws {
        let closed = Gate()
        try await withClient(
            options: .idling(for: .milliseconds(50)),
            { _ in [.request, .text(okay), .untilClosed(closed)] }
        ) {
            client,
            server in
            try await expect(client.text(server), is: "ok")
            #expect(await closed.opened())
            await expect(client.idleCount, is: 0)
        }
    }

    @Test("are closed when their client is deinitialized")
    func release() async throws {
        let closed = Gate()
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        try await ScriptedServer.run({ _ in [.request, .text(okay), .untilClosed(closed)] }) { server in
            do {
                let client = Client(on: loop)
                try await expect(client.text(server), is: "ok")
            }
            #expect(await closed.opened())
        }
    }

    @Test("are limited in number and age for each origin, and taken last in, first out")
    func idle() {
        var idle = IdleConnections<Int>(limit: 2, timeout: .seconds(4))
        let (a, b) = (Origin(host: "a"), Origin(host: "b"))
        func at(_ second: Int) -> Instant { Instant(nanoseconds: 0) + .seconds(second) }
        #expect(idle.nextExpiry == nil)
        #expect(idle.add(1, to: a, now: at(0)) == nil)
        #expect(idle.add(2, to: a, now: at(1)) == nil)
        #expect(idle.add(3, to: a, now: at(2)) == 1)
        #expect(idle.add(4, to: b, now: at(3)) == nil)
        #expect(idle.nextExpiry == at(5))
        #expect(idle.take(b, now: at(4)) == 4)
        #expect(idle.take(b, now: at(4)) == nil)
        #expect(idle.takeExpired(now: at(5)) == [2])
        #expect(idle.take(a, now: at(6)) == nil)
        #expect(idle.all == [3])
        #expect(idle.takeExpired(now: at(6)) == [3])
        #expect(idle.nextExpiry == nil)
        var none = IdleConnections<Int>(limit: 0, timeout: .seconds(4))
        #expect(none.add(1, to: a, now: at(0)) == 1)
    }
}
