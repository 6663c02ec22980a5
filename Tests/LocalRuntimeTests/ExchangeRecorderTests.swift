import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeRecording
@testable import LocalRuntimeReplay

@Suite("The recording of exchanges")
struct ExchangeRecorderTests {
    private let recorder = ExchangeRecorder { 7 }
    private let secret = "sk_abcDEF" + String(repeating: "x", count: 36)
    private let token = "pub_tok_abcDEF" + String(repeating: "y", count: 36)

    /// Takes chunks, and notes at each how many bytes were recorded before it.
    private struct Taker: BodyWriter {
        struct Gone: Error {}

        let recorder: ExchangeRecorder
        var limit = Int.max
        let sizes = Lock<[Int]>([])

        func write(_ bytes: [UInt8]) throws {
            let recorded = recorder.changed(after: 0).exchanges.last?.response?.body.size ?? -1
            let count = sizes.withLock { sizes in
                sizes.append(recorded)
                return sizes.count
            }
            if count > limit { throw Gone() }
        }
    }

    private func last() throws -> RecordedExchange {
        try #require(recorder.changed(after: 0).exchanges.last)
    }

    /// The exchange as the page gets it.
    private func text(_ exchange: RecordedExchange) -> String {
        var json = JSONWriter()
        exchange.write(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("an exchange is written as on the wire, with the fields that the server adds")
    func wire() async throws {
        let handler = recorder.recording { _ in
            Response(.unauthorized, headers: [.contentType: "text/plain"], body: .text("no\n"))
        }
        let response = await handler(Request(path: "/a", query: "b=c", headers: [.host: "localhost"], id: "id1"))
        // Only the record has it; the runtime sets it later.
        #expect(response.headers[.xRequestID] == nil)
        try expect(
            text(last()),
            is: #"{"number":1,"state":"complete","start":7,"end":7,"#
                + #""request":{"line":"GET /a?b=c HTTP/1.1","fields":[["host","localhost"]],"body":"","size":0},"#
                + #""status":401,"response":{"line":"HTTP/1.1 401 Unauthorized","fields":[["content-type","text/plain"],"#
                + #"["x-request-id","id1"],["content-length","3"]],"body":"no\n","size":3}}"#
        )
    }

    @Test("an exchange has the cause for the log, with secrets masked")
    func cause() async throws {
        let secret = secret
        for (cause, shown) in [("used token", "used token"), ("no \(secret)", "no sk_abcDEF…")] {
            let handler = recorder.recording { _ in Response(.unauthorized, cause: cause) }
            _ = await handler(Request(path: "/"))
            #expect(text(try last()).contains(#""status":401,"cause":"\#(shown)","response":{"#))
        }
    }

    @Test(
        "a policy is shown without its user and the values that it locks, one that cannot be read not at all",
        arguments: [
            (
                #"{"ttl": 5, "variables":{"model":"secret","n":{"secret":1},"list":["secret"]}, "user":"secret"}"#,
                #"{"ttl":5,"variables":{"model":"locked","n":{},"list":[]},"user":"user"}"#
            ),
            (#"{"variables":"secret","user":["secret"]}"#, #"{"variables":"locked","user":[]}"#),
            (#"{"user":"secret "}"#, #"{"user":""}"#), (#"{"user":"secret""#, "(16 bytes, which may hold secrets)"),
            (#"["secret"]"#, "(10 bytes, which may hold secrets)"), ("", ""),
            (
                #"{"user":"secret"}"# + String(repeating: " ", count: 4096),
                "(4113 bytes, which may hold secrets)"
            ),
        ]
    )
    func policy(body: String, shown: String) async throws {
        let handler = recorder.recording { request in
            _ = try? await request.body.collect(upTo: 1 << 20)
            return Response(.ok)
        }
        _ = await handler(Request(method: .post, path: "/api/v1/token", body: .text(body)))
        let text = text(try last())
        #expect(!text.contains("secret") || shown.contains("secret"))
        let json = try JSONReader.read(Array(text.utf8))
        try expect(json["request", "body"], is: .string(shown))
    }

    @Test("a request is recorded before its response")
    func waiting() async throws {
        let recorder = recorder
        let handler = recorder.recording { _ in
            #expect(recorder.changed(after: 0).exchanges.map(\.state) == [.waiting])
            return Response(.ok)
        }
        _ = await handler(Request(path: "/"))
        try expect(last().state, is: .complete)
    }

    @Test("a request's body is recorded as far as it is read, and reaches the handler")
    func requestBody() async throws {
        let handler = recorder.recording { request in
            guard let bytes = try? await request.body.collect(upTo: 100) else { return Response(.badRequest) }
            return Response(.ok, body: .bytes(bytes))
        }
        let streamed = Body.stream(length: 4) { writer in
            try await writer.write(Array("he".utf8))
            try await writer.write(Array("y!".utf8))
        }
        for body in [streamed, .text("hey!")] {
            let response = await handler(Request(method: .post, path: "/", body: body))
            try await expect(response.body.collect(upTo: 100), is: Array("hey!".utf8))
            try expect(last().body.bytes, is: Array("hey!".utf8))
        }
    }

    @Test("each chunk of a stream is recorded once its reader has taken it, and the stream waits for that")
    func stream() async throws {
        let recorder = recorder
        let handler = recorder.recording { _ in
            Response(
                .ok,
                body: .stream { writer in
                    for count in 1...3 {
                        try await writer.write([1, 2])
                        let exchange = try #require(recorder.changed(after: 0).exchanges.last)
                        #expect(exchange.response?.body.size == 2 * count)
                        #expect(exchange.state == .streaming)
                    }
                }
            )
        }
        let response = await handler(Request(path: "/"))
        #expect(response.body.length == nil)
        let taker = Taker(recorder: recorder)
        try await response.body.write(to: taker)
        #expect(taker.sizes.withLock { $0 } == [0, 2, 4])
        try expect(last().state, is: .complete)
        #expect(text(try last()).contains(#"["transfer-encoding","chunked"]"#))
    }

    @Test("a stream whose reader goes away, or that nobody reads, is broken")
    func broken() async throws {
        let handler = recorder.recording { _ in
            Response(.ok, body: .stream { for _ in 0..<3 { try await $0.write([1]) } })
        }
        let response = await handler(Request(path: "/"))
        await #expect(throws: Taker.Gone.self) {
            try await response.body.write(to: Taker(recorder: recorder, limit: 2))
        }
        try expect(last().state, is: .broken)
        try expect(last().response?.body.size, is: 2)
        await handler(Request(path: "/")).body.discard()
        try expect(last().state, is: .broken)
        try expect(last().response?.body.size, is: 0)
    }

    @Test("secrets are masked wherever they were sent")
    func secrets() async throws {
        let echo = try #require(Headers.Value(token))
        let handler = recorder.recording { [secret, token] request in
            _ = try? await request.body.collect(upTo: 1000)
            return Response(.ok, headers: ["x-echo": echo], body: .text("\(secret) \(token)"))
        }
        let authorization = try #require(Headers.Value("Bearer \(secret)"))
        let encoded = "pub%5Ftok%5F" + token.dropFirst(8)
        for query in ["token=\(token)&a=b", "token=\(encoded)&a=b", "%74oken=\(token)&a=b"] {
            _ = await handler(
                Request(
                    method: .post,
                    path: "/\(token)",
                    query: query,
                    headers: [.authorization: authorization],
                    body: .text(#"{"token":"\#(token)"}"#)
                )
            )
            let shown = text(try last())
            #expect(!shown.contains("xxxx") && !shown.contains("yyyy"))
            #expect(shown.contains("POST /pub_tok_abcDEF…?token=pub_tok_abcDEF…&a=b HTTP/1.1"))
            #expect(shown.contains("Bearer sk_abcDEF…"))
        }
    }

    @Test("the response to HEAD has no body")
    func head() async throws {
        let handler = recorder.recording { _ in Response(.ok, body: .text("hello")) }
        _ = await handler(Request(method: .head, path: "/"))
        try expect(last().response?.body.size, is: 0)
        #expect(text(try last()).contains(#"["content-length","5"]"#))
    }
}
