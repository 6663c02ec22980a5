import FunctionCore
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeRecording

@Suite("Calls that are not recorded")
struct UnrecordedTests {
    @Test("a call whose workflow outputs a secret in two pieces is not recorded")
    func secretInPieces() async throws {
        let key = APIKey.random(tag: Placeholders.tag) { .random(in: 0 ... .max) }.text
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n"
        let content = "data: \(key.prefix(20))\n\ndata: \(key.dropFirst(20))\n\n"
        try await ScriptedServer.run { _ in
            [.request, .text(head + content)]
        } _: { server in
            let url = "http://127.0.0.1:\(server.port)"
            let recorded = try await Recording.during(environment: ["WORKFLOW_URL": url]) { recording in
                let token = try await recording.mint()
                _ = try await recording.ask("/api/v1/run/chat/stream", method: "POST", key: token)
            }
            #expect(recorded.names == ["token-200-1.expect.json", "token-200-1.json"])
            #expect(recorded.messages.contains("a secret in the workflow's output is split across two pieces"))
        }
    }

    @Test("a call with a secret in JSON escapes is not recorded")
    func escapes() async throws {
        let recorded = try await Recording.during { recording in
            let token = try await recording.mint()
            let text = #"\u0073"# + recording.secret.dropFirst()
            _ = try await recording.ask(Recording.echo, method: "POST", key: token, body: #"{"text":"\#(text)"}"#)
        }
        #expect(recorded.names == ["token-200-1.expect.json", "token-200-1.json"])
        #expect(recorded.messages.contains("(200): it contains a secret in a form that is not replaced"))
    }

    @Test("a stream whose client goes away is not recorded, and a message says so")
    func clientGone() async throws {
        let recorded = try await Recording.during { recording in
            let token = try await recording.mint()
            let client = try RawClient(port: recording.port)
            // The stream lasts longer than other tests can keep the processors busy.
            let body = #"{"to":100000}"#
            try await client.send(
                "POST /api/v1/run/count/stream?token=\(token) HTTP/1.1\r\nHost: a\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            _ = try await client.receive()
        }
        #expect(recorded.names == ["token-200-1.expect.json", "token-200-1.json"])
        #expect(
            recorded.messages == """
                local-runtime: not recorded: POST /api/v1/run/count/stream (200): its client went away, or it was \
                stopped, before its workflow ended

                """
        )
    }

    @Test("a request that is too long for the server is not recorded")
    func brokenRequest() async throws {
        let recorded = try await Recording.during { recording in
            let token = try await recording.mint()
            let long = String(repeating: "a", count: (1 << 20) + 1)
            let chunked = "Transfer-Encoding: chunked\r\n"
            let head = "POST \(Recording.echo)?token=\(token) HTTP/1.1\r\nHost: a\r\n\(chunked)\r\n"
            let client = try RawClient(port: recording.port)
            try await client.send(head + String(long.utf8.count, radix: 16) + "\r\n\(long)\r\n0\r\n\r\n")
            #expect(try await client.receive(through: "\r\n").hasPrefix("HTTP/1.1 413 "))
        }
        #expect(recorded.names == ["token-200-1.expect.json", "token-200-1.json"])
        #expect(recorded.messages.contains("stream (400): the request's body broke off"))
    }

    @Test("a call is dropped as soon as it is over its own limit or the limit of all calls")
    func tooLong() {
        let budget = RecordingBudget(10 << 20)
        func call(_ count: Int) -> RecordedCall {
            let call = RecordedCall(Request(path: "/"), budget) { _ in }
            call.responded(Response(.ok))
            for _ in 0..<count { call.written([UInt8](repeating: 97, count: 1 << 20)) }
            return call
        }
        let whole = call(6)
        #expect(!whole.content.isTooLong && whole.content.responseBody.count == 6 << 20)
        #expect(call(7).content.isTooLong && call(7).content.responseBody.isEmpty)
        // Too much together with the first call.
        #expect(call(5).content.isTooLong)
        #expect(!call(4).content.isTooLong)
        #expect(!budget.take((4 << 20) + 1) && budget.take(4 << 20))
    }
}
