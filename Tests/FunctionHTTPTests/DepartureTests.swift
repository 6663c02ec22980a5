import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Glibc
import Support
import Testing

@Suite("Clients that disconnect, and a process that ends")
struct DepartureTests {
    /// A body that writes until its task is cancelled; counts how often it ended.
    private static func endless(_ ended: Lock<Int>) -> Body {
        .stream { writer in
            defer { ended.withLock { $0 += 1 } }
            while true { try await writer.write(Array(repeating: UInt8(ascii: "a"), count: 16 * 1024)) }
        }
    }

    @Test("a client that disconnects cancels the handler's task")
    func cancels() async throws {
        let cancelled = Lock(false)
        let began = Lock(false)
        try await TestServer.run(handler: { _ in
            began.withLock { $0 = true }
            while !Task.isCancelled { await Task.yield() }
            cancelled.withLock { $0 = true }
            return Response(.ok)
        }) { test in
            do {
                let client = try RawClient(port: test.port)
                try await client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(await waitUntil { began.withLock { $0 } })
            }
            #expect(await waitUntil { cancelled.withLock { $0 } })
            #expect(await waitUntil { await test.connectionCount == 0 })
        }
    }

    @Test("a client that only closes its sending side gets the responses")
    func halfClosed() async throws {
        try await TestServer.run { test in
            let client = try RawClient(port: test.port)
            try await client.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\nGET /b HTTP/1.1\r\nHost: test\r\n\r\n")
            client.finishSending()
            try await expect(client.receiveAll().withoutDates, is: ok("/a:") + ok("/b:"))
        }
    }

    /// Asks as an HTTP/1.0 client, to which the connection's end means that the response is complete; returns the
    /// response and whether the connection was reset.
    private static func takeAll(_ test: TestServer, _ more: String = "") async throws -> (text: String, isReset: Bool) {
        let client = try RawClient(port: test.port)
        try await client.send("GET / HTTP/1.0\r\n\r\n" + more)
        var bytes: [UInt8] = []
        do throws(SystemError) {
            while true {
                let next = try await client.receive()
                guard !next.isEmpty else { return (String(decoding: bytes, as: UTF8.self), false) }
                bytes += next
            }
        } catch {
            #expect(error.code == ECONNRESET)
            return (String(decoding: bytes, as: UTF8.self), true)
        }
    }

    private struct Failed: Error {}

    @Test("a response that ends with the connection is reset only if it is incomplete", arguments: ["", "GET"])
    func breaksOff(more: String) async throws {
        let fails = Lock(false)
        let handler: Handler = { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("abc".utf8))
                    if fails.withLock({ $0 }) { throw Failed() }
                }
            )
        }
        try await TestServer.run(handler: handler) { test in
            let whole = try await Self.takeAll(test, more)
            #expect(whole.text.hasSuffix("\r\n\r\nabc") && !whole.isReset)
            fails.withLock { $0 = true }
            let broken = try await Self.takeAll(test, more)
            #expect(broken.text.hasSuffix("\r\n\r\nabc") && broken.isReset)
            #expect(await waitUntil { await test.connectionCount == 0 })
        }
    }

    @Test("a response that ends with the connection is reset at the end of draining and at the write timeout")
    func cutOff() async throws {
        let began = Lock(0)
        let handler: Handler = { request in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("abc".utf8))
                    began.withLock { $0 += 1 }
                    // Ignores cancellation, so that its connection is cut off.
                    if request.path == "/" { while began.withLock({ $0 }) < 3 { await Task.yield() } }
                    while true { try await writer.write([UInt8](repeating: 120, count: 1 << 20)) }
                }
            )
        }
        let options = ServerOptions.with {
            $0.writeTimeout = .milliseconds(100)
            $0.cancelGrace = .milliseconds(10)
        }
        try await TestServer.run(options: options, handler: handler) { test in
            let late = try RawClient(port: test.port)
            try await late.send("GET /late HTTP/1.0\r\n\r\n")
            #expect(await waitUntil { began.withLock { $0 } == 1 })
            #expect(await waitUntil { test.exchanges.withLock { $0 } == [false] })
            let lateEnd = await Self.end(of: late)
            #expect(lateEnd == ECONNRESET)
            let cut = try RawClient(port: test.port)
            try await cut.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await waitUntil { began.withLock { $0 } == 2 })
            async let draining: Void = test.loop.start { [server = test.server] in
                await server.drain(accepting: .seconds(0), grace: .seconds(0))
            }.value
            let cutEnd = await Self.end(of: cut)
            #expect(cutEnd == ECONNRESET)
            began.withLock { $0 += 1 }
            await draining
        }
    }

    /// The error with which a connection ends; nil for a normal end.
    private static func end(of client: RawClient) async -> Int32? {
        do throws(SystemError) {
            while try await !client.receive().isEmpty {}
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a client that disconnects ends its stream, even if that waits for room")
    func ends() async throws {
        let ended = Lock(0)
        try await TestServer.run(handler: { _ in Response(.ok, body: Self.endless(ended)) }) { test in
            do {
                let client = try RawClient(port: test.port)
                try await client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
                _ = try await client.receive(upTo: 1000)
            }
            #expect(await waitUntil { ended.withLock { $0 } == 1 })
            #expect(await waitUntil { await test.connectionCount == 0 })
        }
    }

    @Test("a body's producer runs once, even if nobody gets the body", arguments: ["HEAD", "GET", "POST"])
    func runOnce(method: String) async throws {
        let ended = Lock(0)
        try await TestServer.run(handler: { request in
            // A malformed body replaces the response by a refusal.
            _ = try? await request.body.collect(upTo: 10)
            while request.method == .get, !Task.isCancelled { await Task.yield() }
            return Response(.ok, body: Self.endless(ended))
        }) { test in
            let fields = method == "POST" ? "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n" : "\r\n"
            let client = try RawClient(port: test.port)
            try await client.send("\(method) / HTTP/1.1\r\nHost: test\r\n\(fields)")
            if method == "GET" { client.reset() }
            #expect(await waitUntil { ended.withLock { $0 } == 1 })
        }
        #expect(ended.withLock { $0 } == 1)
    }

    @Test("requests left when draining ends are cancelled, and can still end their responses")
    func drains() async throws {
        try await TestServer.run(handler: { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("a".utf8))
                    while !Task.isCancelled { await Task.yield() }
                    try await writer.write(Array("end".utf8))
                }
            )
        }) { test in
            let client = try RawClient(port: test.port)
            try await client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            _ = try await client.receive(through: "a\r\n")
            await test.loop.start { await test.server.drain(accepting: .seconds(0), grace: .milliseconds(1)) }.value
            try await expect(client.receiveAll(), is: "3\r\nend\r\n0\r\n\r\n")
        }
    }

    @Test("a cancelled task does not wait for room, and nothing more can be written to its stream")
    func cancelledWrite() async throws {
        let result = Lock<[Bool]>([])
        let blocked = Lock(0)
        try await TestServer.run(handler: { _ in
            Response(
                .ok,
                body: .stream { writer in
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask {
                            let piece = Array(repeating: UInt8(ascii: "a"), count: 16 * 1024)
                            while (try? await writer.write(piece)) != nil { blocked.withLock { $0 += 1 } }
                            result.withLock { $0.append(Task.isCancelled) }
                        }
                        // Until no more is written.
                        var last = -1
                        while blocked.withLock({ $0 }) != last {
                            last = blocked.withLock { $0 }
                            for _ in 0..<1000 { await Task.yield() }
                        }
                        group.cancelAll()
                    }
                    let again: Void? = try? await writer.write(Array("b".utf8))
                    result.withLock { $0.append(again == nil) }
                }
            )
        }) { test in
            let client = try RawClient(port: test.port)
            try await client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(await waitUntil { result.withLock { $0.count } == 2 })
            #expect(result.withLock { $0 } == [true, true])
        }
    }
}
