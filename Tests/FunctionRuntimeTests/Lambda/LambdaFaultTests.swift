import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionRuntime

private let greeting = FunctionInstance { request in
    let size = (try? await request.body.collect(upTo: 8 << 20).count) ?? -1
    return Response(.ok, body: .text("\(size) bytes"))
}

/// Responds with `count` bytes that are not UTF-8.
private func large(_ count: Int) -> FunctionInstance {
    FunctionInstance { _ in Response(.ok, body: .bytes(Array(repeating: 0xFF, count: count))) }
}

@Suite("If Lambda's Runtime API misbehaves")
struct LambdaFaultTests {
    /// Sends an event, accepts its response, and lets the next poll wait.
    private static func accepting(_ id: String = "id-1") -> [ScriptedServer.Step] {
        [.request, .event(id), .request, .accepted, .request, .pause(Gate())]
    }

    @Test("after a 204 the function polls again")
    func noContent() async throws {
        let empty = ScriptedServer.Step.text("HTTP/1.1 204 No Content\r\n\r\n")
        try await LambdaHarness.run([:], greeting) { _ in
            [.request, empty, .request, empty] + Self.accepting()
        } _: { harness in
            #expect(await harness.requests(5)[3].contains("/invocation/id-1/response"))
        }
    }

    @Test("500 ends the process with 4")
    func broken() async throws {
        try await LambdaHarness.run([:], greeting, expecting: 4) { _ in
            [.request, .respond(500)]
        } _: { harness in
            await expect(harness.exitCode(), is: 4)
            #expect(harness.log.contains(#""level":"error","message":"ended","cause":"the Runtime API at 127.0.0.1:"#))
            #expect(harness.log.contains("cannot go on"))
        }
    }

    @Test(
        "a malformed or unknown event is reported as an error, and the function polls again",
        arguments: [
            ("hello", "Function.MalformedEvent"), (#"{"version":"2.0"}"#, "Function.MalformedEvent"),
            (#"{"Records":[]}"#, "Function.UnknownEvent"), ("[]", "Function.MalformedEvent"),
            ("", "Function.MalformedEvent"),
        ]
    )
    func noEvent(event: String, type: String) async throws {
        try await LambdaHarness.run([:], greeting) { _ in
            [.request, .event("id-0", event), .request, .accepted] + Self.accepting()
        } _: { harness in
            let error = await harness.requests(4)[1]
            #expect(error.hasPrefix("POST /2018-06-01/runtime/invocation/id-0/error "))
            #expect(error.contains("\r\nlambda-runtime-function-error-type: \(type)\r\n"))
            #expect(error.content.contains(#""errorType":"\#(type)","stackTrace":[]}"#))
            #expect(harness.log.contains(#""message":"event refused","aws_request_id":"id-0""#))
        }
    }

    @Test("an event of 6 MiB is served, a longer one is refused", arguments: [true, false])
    func largeEvent(fits: Bool) async throws {
        let size = (6 << 20) - LambdaEvent.of("POST", "/hello").utf8.count + (fits ? 0 : 1)
        let event = LambdaEvent.of("POST", "/hello", body: String(repeating: "a", count: size))
        try await LambdaHarness.run([:], greeting) { number in
            (number == 1 ? [.request, .event("id-0", event), .request, .accepted] : []) + Self.accepting()
        } _: { harness in
            let response = try #require(await harness.requests(4).first { $0.contains("/id-0/") })
            #expect(response.contains(fits ? "\(size) bytes" : "Function.EventTooLarge"))
        }
    }

    @Test("an event without an id is skipped")
    func noID() async throws {
        try await LambdaHarness.run([:], greeting) { _ in
            [.request, .text("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")] + Self.accepting()
        } _: { harness in
            #expect(await harness.requests(3)[2].contains("/invocation/id-1/response"))
            #expect(harness.log.contains("an event without an id"))
        }
    }

    @Test(
        "after a response to a poll breaks off, the function polls again on another connection",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-", "nonsense\r\n\r\n",
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-0\r\nContent-Length: 100\r\n\r\n{\"version\"",
        ]
    )
    func broken(response: String) async throws {
        try await LambdaHarness.run([:], greeting) { number in
            number < 4 ? [.request, .text(response)] : Self.accepting()
        } _: { harness in
            let requests = await harness.requests(5)
            #expect(requests[4].contains("/invocation/id-1/response"))
            // Logged once.
            #expect(harness.log.matches(of: /"message":"the Runtime API failed","call":"next"/).count == 1)
        }
    }

    @Test("the process ends with 4 if an API that was reached fails again and again")
    func lost() async throws {
        try await LambdaHarness.run([:], greeting, expecting: 4) { number in
            number == 1 ? [.request, .event(), .request, .accepted] : []
        } _: { harness in
            await expect(harness.exitCode(), is: 4)
            #expect(harness.log.contains("has failed 10 times in a row"))
            #expect(harness.api.connectionCount == 10 || harness.api.connectionCount == 11)
        }
    }

    @Test("the process ends with 3 if nothing listens at the API's address")
    func unreachable() async throws {
        let port = try FreePort.find()
        try await LambdaHarness.run(["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(port)"], greeting, expecting: 3) { _ in
            []
        } _: { harness in
            await expect(harness.exitCode(), is: 3)
            #expect(
                harness.log.contains(#""message":"cannot start","cause":"the Runtime API at 127.0.0.1:\#(port) was"#)
            )
            #expect(harness.log.contains("Connection refused"))
        }
    }

    @Test("a response that the API refuses is logged, and the function polls again", arguments: [400, 403, 404])
    func refused(status: Int) async throws {
        try await LambdaHarness.run([:], greeting) { _ in
            [.request, .event("id-0"), .request, .respond(status)] + Self.accepting()
        } _: { harness in
            #expect(await harness.requests(4)[3].contains("/invocation/id-1/response"))
            #expect(
                harness.log.contains(
                    #""call":"invocation/id-0/response","aws_request_id":"id-0","cause":"responded with \#(status)""#
                )
            )
            #expect(harness.log.contains(#""incomplete":true"#))
        }
    }

    @Test("a response whose connection is lost is posted once more")
    func lostResponse() async throws {
        try await LambdaHarness.run([:], greeting) { number in
            switch number {
            case 1: [.request, .event("id-0"), .request]
            default: [.request, .accepted] + Self.accepting()
            }
        } _: { harness in
            let requests = await harness.requests(5)
            #expect(requests[1].requestLine == requests[2].requestLine && requests[2].contains("/id-0/response"))
            #expect(requests[4].contains("/id-1/response"))
        }
    }

    @Test("a response over 6 MiB becomes a 502, response_too_large", arguments: [6 << 20, 5 << 20, 7 << 20])
    func largeResponse(size: Int) async throws {
        try await LambdaHarness.run([:], large(size)) { _ in
            Self.accepting()
        } _: { harness in
            let response = await harness.requests(3)[1].content
            #expect(response.contains(#""statusCode":502"#) && response.contains("response_too_large"))
            #expect(response.contains("x-request-id"))
            #expect(harness.log.contains(#""status":502"#))
        }
    }

    @Test("a response to a load balancer becomes a 502 over 1 MiB", arguments: [(700 << 10, 200), (800 << 10, 502)])
    func largeResponse(size: Int, status: Int) async throws {
        try await LambdaHarness.run([:], large(size)) { _ in
            [.request, .event("id-1", LambdaEvent.loadBalancer), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            #expect(await harness.requests(3)[1].content.contains(#""statusCode":\#(status)"#))
        }
    }

    @Test("after a 413 the same error is posted in place of the response")
    func tooLarge() async throws {
        try await LambdaHarness.run([:], large(1000)) { _ in
            [.request, .event("id-0"), .request, .respond(413), .request, .accepted] + Self.accepting()
        } _: { harness in
            let requests = await harness.requests(5)
            #expect(requests[1].content.contains(#""statusCode":200"#))
            #expect(requests[2].contains("/id-0/response") && requests[2].content.contains("response_too_large"))
        }
    }
}

@Suite("At Lambda's deadline")
struct LambdaDeadlineTests {
    @Test("an error is posted in time for a handler that waits for ever, and the next event is served")
    func waits() async throws {
        let ended = Gate()
        let instance = FunctionInstance { request in
            if request.path == "/hello" { return Response(.ok) }
            // Ignores cancellation.
            _ = await ended.opened()
            return Response(.ok)
        }
        try await LambdaHarness.run([:], instance) { _ in
            [.request, .event("id-0", LambdaEvent.of("GET", "/wait"), in: 2000), .request, .accepted]
                + [.request, .event("id-1"), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            let response = await harness.requests(2)[1].content
            #expect(response.contains(#""statusCode":504"#) && response.contains("deadline_exceeded"))
            #expect(await harness.requests(4)[3].contains("/id-1/response"))
            #expect(harness.log.contains(#""aws_request_id":"id-0","method":"GET","path":"/wait","status":504"#))
            ended.open()
        }
    }

    @Test("an event whose deadline has passed harms neither the process nor the next event")
    func past() async throws {
        let instance = FunctionInstance { _ in Response(.ok, body: .text("hello")) }
        try await LambdaHarness.run([:], instance) { _ in
            (0..<20).flatMap { [.request, .event("late-\($0)", in: -5000), .request, .accepted] }
                + [.request, .event("id-1"), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            let requests = await harness.requests(42)
            #expect(requests[41].contains("/id-1/response") && requests[41].content.contains("hello"))
            #expect(!requests.contains { $0.contains("/error") })
            #expect(harness.exits.withLock { $0 } == [])
        }
    }

    @Test("after SIGTERM while the function settles, the process does not poll again")
    func stopsWhileSettling() async throws {
        let settling = Gate()
        let go = Gate()
        var instance = FunctionInstance { _ in Response(.ok) }
        instance.settle = {
            settling.open()
            _ = await go.opened()
        }
        try await LambdaHarness.run(["GRACE_SECONDS": "60"], instance) { _ in
            [.request, .event(), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            #expect(await settling.opened())
            harness.drain()
            // Runs on the loop after drain() has begun.
            harness.runtime.loop.start { go.open() }
            await expect(harness.exitCode(), is: 0)
            #expect(harness.api.requests.count == 2)
        }
    }

    @Test("a handler that ends when it is cancelled still returns its own response")
    func heeds() async throws {
        let instance = FunctionInstance { _ in
            try? await Task.sleep(for: .seconds(60))
            return Response(.serviceUnavailable, body: .text("had to end"))
        }
        try await LambdaHarness.run([:], instance) { _ in
            [.request, .event(in: 4000), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            #expect(await harness.requests(2)[1].content.contains("had to end"))
        }
    }

    @Test("for a handler that spins, an error is posted in time on another connection, and the process ends with 4")
    func spins() async throws {
        let exits = Lock<Lock<[Int32]>?>(nil)
        let instance = FunctionInstance { _ in
            let end = Instant.now + .seconds(30)
            // Stops when the process would have ended.
            while exits.withLock({ $0?.withLock { $0.isEmpty } ?? true }), Instant.now < end {}
            return Response(.ok)
        }
        let told = Gate()
        let go = Gate()
        try await LambdaHarness.run([:], instance) { number in
            number == 1
                ? [.request, .pause(go), .event("id-0", in: 500), .request, .accepted, .request, .pause(Gate())]
                : [.request, .open(told), .accepted]
        } _: { harness in
            exits.withLock { $0 = harness.exits }
            go.open()
            #expect(await told.opened())
            let error = try #require(harness.api.requests.first { $0.contains("/id-0/error") })
            #expect(error.content.contains("Function.DeadlineExceeded"))
            #expect(await waitUntil { harness.exits.withLock { $0 } == [4] })
            #expect(harness.log.contains(#""message":"deadline exceeded","aws_request_id":"id-0""#))
        }
    }
}
