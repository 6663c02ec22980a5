import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionRuntime
import Glibc
import Support
import Testing

/// Serves `handler` on a free port while `body` runs, then drains.
private func serving(
    options: RuntimeOptions = RuntimeOptions(),
    sink: LogSink = LogSink(descriptor: -1),
    checkReadiness: @escaping @Sendable () async throws -> Void = {},
    handler: @escaping Handler = { _ in Response(.ok, body: .text("hello")) },
    _ body: (FunctionServer, UInt16) async throws -> Void
) async throws {
    var options = options
    options.host = "127.0.0.1"
    options.port = 0
    options.loops = options.loops ?? 2
    let server = try FunctionServer(options, sink: sink) { _ in
        FunctionInstance(checkReadiness: checkReadiness, handler: handler)
    }
    try await server.serving { try await body($0, try #require($0.address.port)) }
}

private func ask(_ port: UInt16, _ path: String, headers: String = "") async throws -> String {
    let client = try RawClient(port: port)
    try await client.send("GET \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\(headers)\r\n")
    return try await client.receiveAll()
}

@Suite("A function's server")
struct FunctionServerTests {
    @Test("responds with the handler's response and the request's id")
    func responds() async throws {
        try await serving { _, port in
            let response = try await ask(port, "/")
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.hasSuffix("\r\n\r\nhello"))
            #expect(response.contains(/\r\nx-request-id: [0-9a-f]{15}\r\n/))
        }
    }

    @Test(
        "uses the caller's request id if it is 1 to 128 visible ASCII characters, otherwise makes one",
        arguments: [
            ("abc-1", true), (String(repeating: "x", count: 128), true), (String(repeating: "x", count: 129), false),
        ]
            + [("a b", false), ("é", false), ("", false)]
    )
    func requestIDs(id: String, isTaken: Bool) async throws {
        try await serving { _, port in
            let response = try await ask(port, "/", headers: "X-Request-Id: \(id)\r\n")
            #expect(response.contains("\r\nx-request-id: \(id)\r\n") == isTaken)
            #expect(response.matches(of: /\r\nx-request-id: [^\r]+\r\n/).count == 1)
        }
    }

    @Test("refuses a malformed request with the function's own error response and an id, and closes")
    func refuses() async throws {
        try await serving { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost : test\r\n\r\n")
            let response = try await client.receiveAll()
            #expect(response.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(response.contains("\r\nconnection: close\r\n"))
            #expect(response.contains(#""success":false,"code":"bad_request"}"#))
            #expect(response.contains("\r\nx-request-id: "))
        }
    }

    @Test("is alive, and ready if the function says so")
    func health() async throws {
        try await serving { _, port in
            let alive = try await ask(port, "/health/liveness")
            let ready = try await ask(port, "/health/readiness")
            #expect(alive.hasPrefix("HTTP/1.1 200 "))
            #expect(ready.hasSuffix(#"{"status":"ok"}"#))
            #expect(ready.contains("x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n"))
        }
        struct Down: Error {}
        try await serving(checkReadiness: { throw Down() }) { _, port in
            #expect(try await ask(port, "/health/liveness").hasPrefix("HTTP/1.1 200 "))
            let response = try await ask(port, "/health/readiness")
            #expect(response.hasPrefix("HTTP/1.1 503 "))
            #expect(response.hasSuffix(#"{"status":"unavailable"}"#))
        }
    }

    @Test("refuses requests over its cap at once with 503, and goes on serving the others")
    func overloaded() async throws {
        var options = RuntimeOptions()
        options.loops = 1
        options.server.requestLimit = 1
        let gate = Gate()
        try await serving(
            options: options,
            handler: { _ in
                await gate.wait()
                return Response(.ok)
            }
        ) { _, port in
            let first = try RawClient(port: port)
            try await first.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            await gate.arrival()
            #expect(try await ask(port, "/").contains(#""code":"overloaded""#))
            await gate.open()
            #expect(try await first.receiveAll().hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("drains: completes requests in flight, closes idle connections, and refuses new ones")
    func drains() async throws {
        let gate = Gate()
        try await serving(handler: { _ in
            await gate.wait()
            return Response(.ok)
        }) { server, port in
            let idle = try RawClient(port: port)
            try await idle.send("GET /health/liveness HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await idle.receive(through: "}").contains("200 OK"))
            let busy = try RawClient(port: port)
            try await busy.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            await gate.arrival()
            async let drained: Void = server.drain()
            try await expect(idle.receiveAll(), is: "")
            await gate.open()
            #expect(try await busy.receiveAll().contains("\r\nconnection: close\r\n"))
            await drained
            #expect(throws: SystemError("connect", ECONNREFUSED)) { try RawClient(port: port) }
        }
    }

    @Test("cuts off requests that outlast the grace period")
    func grace() async throws {
        var options = RuntimeOptions()
        options.grace = .milliseconds(20)
        let gate = Gate()
        try await serving(
            options: options,
            handler: { _ in
                await gate.wait()
                return Response(.ok)
            }
        ) { server, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            await gate.arrival()
            async let drained: Void = server.drain()
            expect((try? await client.receiveAll()) ?? "", is: "")
            await drained
            await gate.open()
        }
    }

    @Test("if its port is in use, the error says so")
    func portInUse() async throws {
        try await serving { _, port in
            var options = RuntimeOptions()
            options.host = "127.0.0.1"
            options.port = Int(port)
            for loops in [1, 2] {
                options.loops = loops
                #expect {
                    try FunctionServer(options) { _ in FunctionInstance { _ in Response(.ok) } }
                } throws: {
                    "\($0)".contains("port in use")
                }
            }
        }
    }
}

/// Blocks handlers until it is opened.
private actor Gate {
    private var isOpen = false
    private var arrived = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var watching: [CheckedContinuation<Void, Never>] = []

    func wait() async {
        arrived = true
        for watcher in watching { watcher.resume() }
        watching = []
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    /// Returns once a handler waits.
    func arrival() async {
        if !arrived { await withCheckedContinuation { watching.append($0) } }
    }

    func open() {
        isOpen = true
        for waiter in waiting { waiter.resume() }
        waiting = []
    }
}
