import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionRuntime

@Suite("Under Lambda's contract, a streamed response")
struct LambdaStreamTests {
    private static let streaming = ["LAMBDA_INVOKE_MODE": "response_stream"]
    private static let end: [ScriptedServer.Step] = [.request, .accepted, .request, .pause(Gate())]

    private func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }

    @Test("is a prelude, a chunk of eight NULs, and the bytes as they are written")
    func wire() async throws {
        let instance = FunctionInstance { request in
            Response(
                .ok,
                headers: [.contentType: "text/plain"],
                body: .stream { writer in
                    try await writer.write(Array((request.isCollected ? "collected" : "one").utf8))
                    try await writer.write(Array("two".utf8))
                }
            )
        }
        try await LambdaHarness.run(Self.streaming, instance) { _ in
            [.request, .event(headers: "")] + Self.end
        } _: { harness in
            let requests = await harness.requests(3)
            let head = try #require(requests[1].firstRange(of: "\r\n\r\n").map { requests[1][..<$0.lowerBound] })
            #expect(head.contains("\r\nlambda-runtime-function-response-mode: streaming"))
            #expect(head.contains("\r\ncontent-type: application/vnd.awslambda.http-integration-response"))
            #expect(
                head.contains("\r\ntrailer: lambda-runtime-function-error-type, lambda-runtime-function-error-body")
            )
            let content = requests[1].content
            let rest = chunk("\0\0\0\0\0\0\0\0") + chunk("one") + chunk("two") + "0\r\n\r\n"
            #expect(content.hasSuffix(rest))
            #expect(content.contains(#""statusCode":200"#) && content.contains(#""cookies":[]"#))
            #expect(harness.api.connectionCount == 1)
            #expect(harness.log.contains(#""status":200"#) && !harness.log.contains("incomplete"))
        }
    }

    @Test("is never for load balancers, and only for LAMBDA_INVOKE_MODE=response_stream", arguments: [true, false])
    func buffered(isLoadBalancer: Bool) async throws {
        // The handler knows it.
        let instance = FunctionInstance { request in
            Response(.ok, body: .stream { try await $0.write(Array((request.isCollected ? "one" : "streamed").utf8)) })
        }
        try await LambdaHarness.run(isLoadBalancer ? Self.streaming : [:], instance) { _ in
            [.request, .event("id-1", isLoadBalancer ? LambdaEvent.loadBalancer : LambdaEvent.get)] + Self.end
        } _: { harness in
            let response = await harness.requests(3)[1]
            #expect(!response.contains("response-mode") && response.content.contains(#""body":"one""#))
        }
    }

    @Test("that breaks off says so in trailers")
    func breaksOff() async throws {
        struct Broken: Error {}
        let instance = FunctionInstance { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("one".utf8))
                    throw Broken()
                }
            )
        }
        try await LambdaHarness.run(Self.streaming, instance) { _ in
            [.request, .event()] + Self.end
        } _: { harness in
            let content = await harness.requests(3)[1].content
            #expect(content.contains("0\r\nlambda-runtime-function-error-type: Function.ResponseIncomplete\r\n"))
            #expect(content.contains("\r\nlambda-runtime-function-error-body: ey"))
            #expect(harness.log.contains(#""incomplete":true"#))
        }
    }

    @Test("is cancelled before the deadline, so that it can tell the client that it ends")
    func saysGoodbye() async throws {
        let instance = FunctionInstance { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("one".utf8))
                    try? await Task.sleep(for: .seconds(60))
                    try await writer.write(Array("bye".utf8))
                }
            )
        }
        try await LambdaHarness.run(Self.streaming, instance) { _ in
            [.request, .event(in: 4000)] + Self.end
        } _: { harness in
            #expect(await harness.requests(3)[1].content.hasSuffix(chunk("one") + chunk("bye") + "0\r\n\r\n"))
        }
    }

    @Test("that goes on at the deadline is ended, and later bytes are not sent")
    func isEnded() async throws {
        let gate = Gate()
        let late = Gate()
        let instance = FunctionInstance { _ in
            Response(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("one".utf8))
                    _ = await gate.opened()
                    do { try await writer.write(Array("late".utf8)) } catch { late.open() }
                }
            )
        }
        try await LambdaHarness.run(Self.streaming, instance) { _ in
            [.request, .event(in: 1000)] + Self.end
        } _: { harness in
            let content = await harness.requests(3)[1].content
            #expect(content.contains("0\r\nlambda-runtime-function-error-type: Function.DeadlineExceeded\r\n"))
            gate.open()
            #expect(await late.opened())
        }
    }

    @Test("for a handler that waits for ever is the function's error response, in the same format")
    func neverBegins() async throws {
        let gate = Gate()
        let instance = FunctionInstance { _ in
            _ = await gate.opened()
            return Response(.ok)
        }
        try await LambdaHarness.run(Self.streaming, instance) { _ in
            [.request, .event(in: 1000)] + Self.end
        } _: { harness in
            let content = await harness.requests(3)[1].content
            #expect(content.contains(#""statusCode":504"#) && content.contains("deadline_exceeded"))
            #expect(content.hasSuffix("\r\n0\r\n\r\n"))
            gate.open()
        }
    }

    @Test("that the Runtime API refuses ends the body, and the function polls again", arguments: [400, 403, 413])
    func refused(status: Int) async throws {
        let ended = Gate()
        let instance = FunctionInstance { request in
            guard request.path == "/endless" else { return Response(.ok) }
            return Response(
                .ok,
                body: .stream { writer in
                    defer { ended.open() }
                    while true { try await writer.write(Array(repeating: 0x61, count: 16 * 1024)) }
                }
            )
        }
        try await LambdaHarness.run(Self.streaming, instance) { number in
            number == 1
                ? [.request, .event("id-0", LambdaEvent.of("GET", "/endless")), .head, .respond(status)]
                : [.request, .event()] + Self.end
        } _: { harness in
            #expect(await ended.opened())
            #expect(await harness.requests(3)[2].contains("/id-1/response"))
            #expect(harness.log.contains(#""cause":"responded with \#(status)""#))
        }
    }

    @Test("to HEAD has a prelude and no body")
    func head() async throws {
        let instance = FunctionInstance { _ in Response(.ok, body: .text("none of this")) }
        try await LambdaHarness.run(Self.streaming, instance) { _ in
            [.request, .event("id-1", LambdaEvent.of("HEAD", "/hello"))] + Self.end
        } _: { harness in
            let content = await harness.requests(3)[1].content
            #expect(content.hasSuffix(chunk("\0\0\0\0\0\0\0\0") + "0\r\n\r\n"))
        }
    }
}
