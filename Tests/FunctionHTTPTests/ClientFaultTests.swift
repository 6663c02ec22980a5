import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionHTTP

@Suite("The client with faulty servers")
struct ClientFaultTests {
    @Test("the error for a server that does not listen or has no address has the reason")
    func refused() async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let client = Client(on: loop)
        let request = try #require(ClientRequest(.get, "/"))
        let port = try await ScriptedServer.run({ _ in [] }) { $0.port }
        for (host, reason) in [("127.0.0.1", "refused"), ("no-such-host.invalid", "no-such-host.invalid")] {
            #expect(await waitUntil { openSockets(port: port) == [] })
            let origin = Origin(host: host, port: port)
            let error = await clientError { try await client.send(request, to: origin, until: .now + .seconds(60)) }
            guard case .connectFailed(let text) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(text.contains(reason))
        }
    }

    @Test(
        "a head that does not arrive by the deadline gives a timeout",
        arguments: ["", "HTTP/1.1 200 OK\r\nX:", "HTTP/1.1 100 Continue\r\n\r\n"]
    )
    func timeout(beginning: String) async throws {
        let closed = Gate()
        try await withClient({ _ in [.request, .text(beginning), .untilClosed(closed)] }) { client, server in
            await expect(clientError { try await client.ask(server, within: .milliseconds(100)) }, is: .timedOut)
            #expect(await closed.opened())
        }
    }

    @Test(
        "a connection that ends before the head gives connectionLost",
        arguments: [
            [], [.request], [.request, .text("HTTP/1.1 200 OK\r\n")], [.request, .reset],
            [.request, .text("HTTP/1.1 100 Continue\r\n\r\n")],
        ] as [[ScriptedServer.Step]]
    )
    func lostHead(script: [ScriptedServer.Step]) async throws {
        try await withClient({ _ in script }) { client, server in
            await expect(clientError { try await client.ask(server) }, is: .connectionLost)
        }
    }

    @Test(
        "an incomplete body gives the bytes that arrived, then connectionLost",
        arguments: [
            [.text("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell")],
            [.text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhell")],
            [.text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhell\r\n")],
        ] as [[ScriptedServer.Step]]
    )
    func lostBody(script: [ScriptedServer.Step]) async throws {
        try await withClient({ _ in [.request] + script }) { client, server in
            let response = try await client.ask(server)
            try await expect(response.next(until: .now + .seconds(60)), is: .bytes(Array("hell".utf8)))
            await expect(clientError { try await response.next(until: .now + .seconds(60)) }, is: .connectionLost)
            await expect(clientError { try await response.next(until: .now) }, is: .connectionLost)
        }
    }

    @Test("a reset within a body gives the bytes that arrived, then connectionLost")
    func reset() async throws {
        let taken = Gate()
        let script: [ScriptedServer.Step] = [.request, .text("HTTP/1.1 200 OK\r\n\r\nhell"), .pause(taken), .reset]
        try await withClient({ _ in script }) { client, server in
            let response = try await client.ask(server)
            try await expect(response.next(until: .now + .seconds(60)), is: .bytes(Array("hell".utf8)))
            taken.open()
            await expect(clientError { try await response.next(until: .now + .seconds(60)) }, is: .connectionLost)
        }
    }

    @Test(
        "a response that is not HTTP is malformed, and its connection closed",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "\0",
        ]
    )
    func malformed(wire: String) async throws {
        let closed = Gate()
        // In one piece: if the client hung up half-way, the script would end before it opens the gate.
        try await withClient({ _ in [.request, .text(wire + "\r\n"), .untilClosed(closed)] }) { client, server in
            let error = await clientError { try await client.ask(server) }
            guard case .malformed(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!reason.isEmpty)
            #expect(await closed.opened())
        }
    }

    @Test("a malformed chunk gives the bytes before it, then the fault")
    func malformedBody() async throws {
        let wire = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nx\r\n"
        try await withClient({ _ in [.request, .text(wire)] }) { client, server in
            let response = try await client.ask(server)
            try await expect(response.next(until: .now + .seconds(60)), is: .bytes(Array("ok".utf8)))
            let error = await clientError { try await response.next(until: .now + .seconds(60)) }
            #expect(error == .malformed(MessageFault.chunkSize.rawValue))
        }
    }

    @Test("cancelling the task ends a wait for the head at once")
    func cancelledHead() async throws {
        let asked = Gate()
        let closed = Gate()
        try await withClient({ _ in [.request, .open(asked), .untilClosed(closed)] }) { client, server in
            let task = Task { await clientError { try await client.ask(server, within: .seconds(60)) } }
            #expect(await asked.opened())
            let start = Instant.now
            task.cancel()
            await expect(task.value, is: .cancelled)
            #expect(await closed.opened())
            #expect(closed.wasOpened(within: .seconds(1), of: start))
        }
    }

    @Test("cancelling the task ends a wait for a connection at once, also before it begins")
    func cancelledConnect() async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let client = Client(on: loop)
        let request = try #require(ClientRequest(.get, "/"))
        // An address for documentation (RFC 5737): nothing replies, unless the network reports that it is unreachable.
        let origin = Origin(host: "192.0.2.1", port: 9)
        let task = Task { await clientError { try await client.send(request, to: origin, until: .now + .seconds(60)) } }
        task.cancel()
        let error = await task.value
        if case .connectFailed = error {} else { #expect(error == .cancelled) }
    }

    @Test("cancelling the task or calling cancel() ends a wait for content at once", arguments: [false, true])
    func cancelledBody(byTask: Bool) async throws {
        let closed = Gate()
        try await withClient({ _ in [.request, .text("HTTP/1.1 200 OK\r\n\r\none"), .untilClosed(closed)] }) {
            client,
            server in
            let response = try await client.ask(server)
            try await expect(response.next(until: .now + .seconds(60)), is: .bytes(Array("one".utf8)))
            // On the loop, because the threads that all tests share may be busy for a while.
            let error = Lock<ClientError?>(nil)
            let task = client.loop.start {
                let thrown = await clientError { try await response.next(until: .now + .seconds(60)) }
                error.withLock { $0 = thrown }
            }
            let start = Instant.now
            if byTask { task.cancel() } else { response.cancel() }
            await task.value
            #expect(error.withLock { $0 } == .cancelled)
            #expect(await closed.opened())
            #expect(closed.wasOpened(within: .seconds(1), of: start))
            await expect(clientError { try await response.next(until: .now) }, is: .cancelled)
        }
    }

    @Test("cancellations at any moment leave nothing open")
    func manyCancellations() async throws {
        let script: [ScriptedServer.Step] = [
            .request, .text("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"), .text("text"), .untilClosed(Gate()),
        ]
        try await withClient({ _ in script }) { client, server in
            await withTaskGroup { group in
                for index in 0..<100 {
                    group.addTask {
                        let task = Task { try await client.ask(server).text() }
                        try? await Task.sleep(for: .microseconds(index * 40))
                        task.cancel()
                        _ = await task.result
                    }
                }
            }
        }
    }

    @Test("a timed promise ends with its value, its deadline, or its task's cancellation", arguments: 0..<3)
    func pending(kind: Int) async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let outcome = Lock("")
        let task = loop.start {
            let pending = TimedPromise<Int>(on: loop)
            if kind == 0 { loop.start { await pending.fulfil(7) } }
            let result = await pending.wait(until: loop.now + (kind == 1 ? .milliseconds(20) : .seconds(60)))
            outcome.withLock { $0 = "\(result)" }
        }
        if kind == 2 { task.cancel() }
        await task.value
        #expect(outcome.withLock { $0 } == ["value(7)", "timedOut", "cancelled"][kind])
    }
}
