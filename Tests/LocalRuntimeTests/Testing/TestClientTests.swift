import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionRuntime
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("Test client", .timeLimit(.minutes(1)))
struct TestClientTests {
    private struct Broken: Error {}

    @Test("a custom function gets the request's path, method, fields and body", arguments: TestClient.Way.allCases)
    func request(way: TestClient.Way) async throws {
        let echo = LocalFunction.handler { request in
            let body = (try? await request.body.collect(upTo: 100)) ?? []
            let field = request.headers["x-field"]?.string ?? ""
            let host = request.headers[.host] == nil ? "no host" : "host"
            let words = [request.method.name, request.path, request.query ?? "-", field, host].joined(separator: " ")
            return Response(.ok, headers: ["x-echo": "1"], body: .bytes(Array(words.utf8) + body))
        }
        try await LocalRuntime.running([echo]) { runtime in
            let client = runtime.client(way)
            let body = Array(" body".utf8)
            let response = try await client.send(.put, "/a%20b?c=d?", headers: ["x-field": "value"], body: body)
            #expect(response.status == .ok)
            #expect(response.headers["x-echo"] == "1")
            #expect(response.headers[.xRequestID] != nil)
            try await expect(response.body.text(), is: "PUT /a%20b c=d? value host body")
            try await expect(client.get("/").body.text(), is: "GET / -  host")
        }
    }

    @Test("a request goes to the first function with its path, or to health", arguments: TestClient.Way.allCases)
    func routes(way: TestClient.Way) async throws {
        let functions: [LocalFunction] = [
            .handler(at: { $0 == "/one" }) { _ in Response(.ok, body: .text("one")) },
            .instance(at: { $0.hasPrefix("/o") }) { context in
                FunctionInstance { _ in Response(.ok, body: .text("loop \(context.index)")) }
            },
        ]
        try await LocalRuntime.running(functions) { runtime in
            let client = runtime.client(way)
            try await expect(client.get("/one").body.text(), is: "one")
            try await expect(client.get("/other").body.text(), is: "loop 0")
            let nowhere = try await client.get("/nowhere")
            #expect(nowhere.status == .notFound)
            #expect(try await nowhere.body.text().contains("not_found"))
            try await expect(client.get("/health/readiness").status, is: .ok)
        }
    }

    @Test("pieces arrive as soon as they are written", arguments: TestClient.Way.allCases)
    func pieces(way: TestClient.Way) async throws {
        let gate = Lock(false)
        let function = LocalFunction.handler { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("first".utf8))
                    _ = await waitUntil { gate.withLock { $0 } }
                    try await writer.write(Array("second".utf8))
                }
            )
        }
        try await LocalRuntime.running([function]) { runtime in
            let body = try await runtime.client(way).get("/").body
            let pieces = body.makeAsyncIterator()
            try await expect(pieces.next(), is: Array("first".utf8))
            gate.withLock { $0 = true }
            try await expect(body.text(), is: "second")
            try await expect(pieces.next(), is: nil)
        }
    }

    @Test("a body that breaks off is an error", arguments: TestClient.Way.allCases)
    func brokenOff(way: TestClient.Way) async throws {
        let function = LocalFunction.handler { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("half".utf8))
                    throw Broken()
                }
            )
        }
        try await LocalRuntime.running([function]) { runtime in
            let pieces = try await runtime.client(way).get("/").body.makeAsyncIterator()
            try await expect(pieces.next(), is: Array("half".utf8))
            await #expect(throws: ClientError.connectionLost) { try await pieces.next() }
        }
    }

    @Test("releasing a response closes its connection", arguments: TestClient.Way.allCases)
    func hangUp(way: TestClient.Way) async throws {
        let isCancelled = Lock(false)
        let function = LocalFunction.instance { context in
            let clock = LoopClock(context.loop)
            return FunctionInstance { _ in
                Response(
                    .ok,
                    body: .stream { writer in
                        try await writer.write([1])
                        do { try await clock.sleep(for: .seconds(60)) } catch { isCancelled.withLock { $0 = true } }
                    }
                )
            }
        }
        try await LocalRuntime.running([function]) { runtime in
            _ = try await runtime.client(way).get("/")
            #expect(await waitUntil { isCancelled.withLock { $0 } })
        }
    }

    @Test("a writer waits for a slow reader")
    func backpressure() async throws {
        let written = Lock(0)
        let function = LocalFunction.handler { _ in
            Response(
                .ok,
                body: .stream { writer in
                    for _ in 0..<1000 {
                        try await writer.write([UInt8](repeating: 0, count: 16_384))
                        written.withLock { $0 += 16_384 }
                    }
                }
            )
        }
        try await LocalRuntime.running([function]) { runtime in
            let body = try await runtime.client(.inProcess).get("/").body
            let pieces = body.makeAsyncIterator()
            _ = try await pieces.next()
            #expect(written.withLock { $0 } <= 128 * 1024)
            try await expect(body.bytes().count, is: 999 * 16_384)
        }
    }

    @Test("HEAD returns no content", arguments: TestClient.Way.allCases)
    func head(way: TestClient.Way) async throws {
        let function = LocalFunction.handler { _ in Response(.ok, body: .text("content")) }
        try await LocalRuntime.running([function]) { (runtime) async throws in
            try await expect(runtime.client(way).send(.head, "/").body.bytes(), is: [])
        }
    }

    @Test("a missing response times out", arguments: TestClient.Way.allCases)
    func timeout(way: TestClient.Way) async throws {
        try await LocalRuntime.running([silent]) { runtime in
            var client = runtime.client(way)
            client.timeout = .milliseconds(50)
            await #expect(throws: ClientError.timedOut) { try await client.get("/") }
        }
    }

    @Test("cancelling the task ends the wait", arguments: TestClient.Way.allCases)
    func cancellation(way: TestClient.Way) async throws {
        try await LocalRuntime.running([silent]) { runtime in
            let task = Task { try await runtime.client(way).get("/") }
            task.cancel()
            await #expect(throws: ClientError.cancelled) { try await task.value }
        }
    }

    @Test("a request that no client could send is refused", arguments: TestClient.Way.allCases)
    func refusal(way: TestClient.Way) async throws {
        try await LocalRuntime.running([silent]) { runtime in
            await #expect(throws: ClientError.self) { try await runtime.client(way).get("no path") }
            await #expect(throws: ClientError.self) { try await runtime.client(way).get("/", bearer: "a\nb") }
        }
    }

    private var silent: LocalFunction {
        .instance { context in
            let clock = LoopClock(context.loop)
            return FunctionInstance { _ in
                try? await clock.sleep(for: .seconds(60))
                return Response(.ok)
            }
        }
    }
}
