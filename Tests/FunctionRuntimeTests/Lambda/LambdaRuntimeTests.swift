import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionRuntime

private let greeting = FunctionInstance { request in
    Response(.ok, headers: [.contentType: "text/plain"], body: .text("hello \(request.path)"))
}

private let next: Substring = "GET /2018-06-01/runtime/invocation/next HTTP/1.1"

private func post(_ id: String, _ what: String) -> Substring {
    "POST /2018-06-01/runtime/invocation/\(id)/\(what) HTTP/1.1"
}

@Suite("Under Lambda's contract")
struct LambdaRuntimeTests {
    @Test("a function serves event after event over one connection, and logs each before it polls again")
    func responds() async throws {
        let asked = Gate()
        let go = Gate()
        try await LambdaHarness.run([:], greeting) { _ in
            [.request, .event("id-1"), .request, .accepted, .request, .open(asked), .pause(go)]
                + [.event("id-2"), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            #expect(await asked.opened())
            let line = try #require(
                harness.log.split(separator: "\n").first { $0.contains(#""aws_request_id":"id-1""#) }
            )
            #expect(line.contains(#""path":"/hello","status":200,"#))
            go.open()
            let requests = await harness.requests(5)
            #expect(
                requests.map(\.requestLine) == [next, post("id-1", "response"), next, post("id-2", "response"), next]
            )
            #expect(requests[1].content.contains(#""statusCode":200"#))
            #expect(requests[1].content.contains(#""body":"hello /hello""#))
            #expect(requests[1].content.contains(/"x-request-id":"[0-9a-f]{15}"/))
            #expect(harness.api.connectionCount == 1)
        }
    }

    @Test("the runtime itself serves health, and uses the caller's request id")
    func service() async throws {
        let event = LambdaEvent.of("GET", "/health/liveness")
            .replacing(#""host":"x""#, with: #""host":"x","x-request-id":"mine""#)
        try await LambdaHarness.run(["LOG_LEVEL": "debug"], greeting) { _ in
            [.request, .event("id-1", event), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            let response = await harness.requests(3)[1].content
            #expect(response.contains(#"{\"status\":\"ok\"}"#) && response.contains(#""x-request-id":"mine""#))
            #expect(harness.log.contains(#""request_id":"mine","aws_request_id":"id-1""#))
        }
    }

    @Test("PATH_PREFIX is removed from an event's path")
    func prefix() async throws {
        try await LambdaHarness.run(["PATH_PREFIX": "/base/"], greeting) { _ in
            [.request, .event("id-1", LambdaEvent.of("GET", "/base/hello")), .request, .accepted, .request]
                + [.event("id-2", LambdaEvent.of("GET", "/based")), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            let requests = await harness.requests(5)
            #expect(requests[1].content.contains(#""body":"hello /hello""#))
            #expect(requests[3].content.contains(#""body":"hello /based""#))
        }
    }

    @Test("an event's log line has its trace, also one of X-Ray")
    func loggedTrace() async throws {
        let xray = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1;Lineage=a:0"
        try await LambdaHarness.run([:], FunctionInstance { _ in Response(.ok) }) { _ in
            [
                .request, .event(headers: "Lambda-Runtime-Trace-Id: \(xray)\r\n"), .request, .accepted, .request,
                .pause(Gate()),
            ]
        } _: { harness in
            _ = await harness.requests(3)
            let isLogged = await waitUntil {
                harness.log.contains(#""trace_id":"0af7651916cd43dd8448eb211c80319c","method":"GET""#)
            }
            #expect(isLogged)
        }
    }

    @Test("an event's log line has the trace that the function made, and the response does not")
    func loggedOwnTrace() async throws {
        let id = "0af7651916cd43dd8448eb211c80319c"
        let instance = FunctionInstance { _ in
            var response = Response(.ok)
            response.traceID = id
            return response
        }
        try await LambdaHarness.run([:], instance) { _ in
            [.request, .event(), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            let response = await harness.requests(3)[1]
            #expect(!response.contains(id))
            #expect(await waitUntil { harness.log.contains(#""trace_id":"\#(id)","method":"GET""#) })
        }
    }

    @Test("a handler gets its time limit and its trace")
    func context() async throws {
        let limits = Lock<[Duration?]>([])
        let traces = Lock<[String?]>([])
        let instance = FunctionInstance { request in
            limits.withLock { $0.append(request.timeLimit) }
            traces.withLock { $0.append(request.headers["x-amzn-trace-id"]?.string) }
            return Response(.ok)
        }
        let traced = LambdaEvent.get.replacing(#""host":"x""#, with: #""x-amzn-trace-id":"Root=own""#)
        try await LambdaHarness.run([:], instance) { _ in
            [.request, .event(in: 60_000, headers: "Lambda-Runtime-Trace-Id: Root=1\r\n"), .request, .accepted]
                + [
                    .request, .event(in: -1_000_000, headers: "Lambda-Runtime-Trace-Id: Root=2\r\n"), .request,
                    .accepted,
                ]
                + [
                    .request, .event("id-3", traced, headers: "Lambda-Runtime-Trace-Id: Root=3\r\n"), .request,
                    .accepted,
                ]
                + [.request, .event(), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            _ = await harness.requests(9)
            let limits = limits.withLock { $0 }
            #expect(limits.count == 4)
            #expect(
                limits.first.flatMap { $0 }.map { (.seconds(30)...Duration.seconds(59)).contains($0) } == true
            )
            // A deadline long ago counts as unknown.
            #expect(limits.dropFirst().first.flatMap { $0 } == nil)
            #expect(traces.withLock { $0 } == ["Root=1", "Root=2", "Root=own", nil])
            #expect(harness.traceIDs.withLock { $0 } == ["Root=1", "Root=2", "Root=3", nil])
        }
    }

    @Test("the function settles after its response and before the next poll, within a time limit")
    func settles() async throws {
        let settled = Lock<[Int]>([])
        let asked = Gate()
        let go = Gate()
        var instance = greeting
        let requestCount = Lock<@Sendable () -> Int>({ 0 })
        instance.settle = {
            let count = requestCount.withLock { $0 }
            settled.withLock { $0.append(count()) }
            // The second one ends only by cancellation.
            if settled.withLock({ $0.count }) == 2 { try? await Task.sleep(for: .seconds(60)) }
        }
        try await LambdaHarness.run([:], instance) { _ in
            [.request, .open(asked), .pause(go), .event(), .request, .accepted]
                + [.request, .event(in: 2000), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            #expect(await asked.opened())
            // On a busy machine the watchdog may post an error.
            let ours: @Sendable () -> Int = { harness.api.requests.count { !$0.contains("/error HTTP/1.1") } }
            requestCount.withLock { $0 = ours }
            go.open()
            #expect(await waitUntil { ours() == 5 })
            #expect(settled.withLock { $0 } == [2, 4])
            requestCount.withLock { $0 = { 0 } }
        }
    }

    @Test("AWS_LAMBDA_MAX_CONCURRENCY events are served at once")
    func concurrency() async throws {
        let gate = Gate()
        let running = Lock(0)
        let instance = FunctionInstance { _ in
            running.withLock { $0 += 1 }
            _ = await gate.opened()
            return Response(.ok)
        }
        try await LambdaHarness.run(["AWS_LAMBDA_MAX_CONCURRENCY": "3"], instance) { number in
            [.request, .event("id-\(number)"), .request, .accepted, .request, .pause(Gate())]
        } _: { harness in
            #expect(await waitUntil { running.withLock { $0 } == 3 })
            #expect(harness.api.connectionCount == 3)
            gate.open()
            let requests = await harness.requests(9)
            for number in 1...3 { #expect(requests.map(\.requestLine).contains(post("id-\(number)", "response"))) }
            #expect(harness.traceIDs.withLock { $0 } == [])
        }
    }

    @Test("SIGTERM ends the process with 0: the event in flight is served, and no other is polled for")
    func drains() async throws {
        let gate = Gate()
        let called = Gate()
        let instance = FunctionInstance { _ in
            called.open()
            _ = await gate.opened()
            return Response(.ok)
        }
        try await LambdaHarness.run(["GRACE_SECONDS": "60"], instance) { _ in
            [.request, .event(), .request, .accepted, .request, .event()]
        } _: { harness in
            #expect(await called.opened())
            harness.drain()
            gate.open()
            await expect(harness.exitCode(), is: 0)
            #expect(harness.api.requests.map(\.requestLine) == [next, post("id-1", "response")])
        }
    }

    @Test("SIGTERM cancels a handler that outlasts the grace period, and its response is still posted")
    func grace() async throws {
        let called = Gate()
        let instance = FunctionInstance { _ in
            called.open()
            try? await Task.sleep(for: .seconds(60))
            return Response(.ok, body: .text("cancelled: \(Task.isCancelled)"))
        }
        try await LambdaHarness.run([:], instance) { _ in
            [.request, .event(), .request, .accepted]
        } _: { harness in
            #expect(await called.opened())
            harness.drain()
            await expect(harness.exitCode(), is: 0)
            #expect(harness.api.requests.last?.content.contains("cancelled: true") == true)
        }
    }
}
