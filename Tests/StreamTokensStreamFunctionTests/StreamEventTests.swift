import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensRedemption
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("The events of a request for a stream")
struct StreamEventTests {
    private func words(_ fixture: StreamFixture) -> [String] {
        fixture.events.withLock { events in
            events.map { event in
                switch event.kind {
                case .refused(let refusal, let token, _): "\(refusal.rawValue)\(token == nil ? "" : " with token")"
                case .waiting: "waiting"
                case .failed(_, let refusal, let status, _): "\(refusal.rawValue) \(status)"
                case .opened: "opened"
                case .ended(let early, _, _): early?.rawValue ?? "ended"
                case .unsettled: "unsettled"
                case .released(_, let wasCommitting): wasCommitting ? "commit released" : "released"
                case .resumed(_, let after): "resumed after \(after)"
                case .unlogged: "unlogged"
                }
            }
        }
    }

    @Test("come when a stream opens and when it ends, with the request and its trace")
    func stream() async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let headers: Headers = ["traceparent": try #require(Headers.Value("00-\(trace)-b7ad6b7169203331-01"))]
        _ = await fixture.ask(StreamFixture.post(token, headers: headers))
        #expect(words(fixture) == ["opened", "ended"])
        let events = fixture.events.withLock { $0 }
        #expect(events.allSatisfy { $0.origin.requestID == "request" && $0.origin.traceID == trace })
        guard case .opened(let stream, _)? = events.first?.kind else { return }
        #expect(stream.token == StreamToken(token))
    }

    @Test("have a new trace if the request had none, and the workflow gets the same")
    func newTrace() async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        _ = await fixture.ask(StreamFixture.post(try await fixture.mint()))
        let traceparent = workflow.calls.withLock { $0.first?.traceparent }
        let traces = fixture.events.withLock { $0.map(\.origin.traceID) }
        #expect(traces.count == 2)
        #expect(traces.allSatisfy { traceparent?.contains("-\($0)-") == true })
    }

    @Test("of a refusal have its reason, which may be finer than the response's code, and a well-formed token")
    func refusals() async throws {
        let fixture = try await StreamFixture(ScriptedWorkflow(.failure(.timedOut)), credits: 1)
        let token = try await fixture.mint()
        let other = StreamToken.random(tag: Tag.random { 5 }) { 6 }.text
        for (request, word) in [
            (StreamFixture.post(nil), "no_token"), (StreamFixture.post("pub_tok_x"), "unusable_token"),
            (StreamFixture.post(other), "invalid_token with token"),
            (StreamFixture.post(token, "{"), "invalid_body with token"),
            (StreamFixture.post(token, path: "/nowhere"), nil), (Request(path: StreamFixture.path), nil),
            (StreamFixture.post(token), "workflow_timeout with token"),
        ] as [(Request, String?)] {
            _ = await fixture.ask(request)
            #expect(words(fixture) == [word].compactMap(\.self))
            fixture.events.withLock { $0 = [] }
        }
    }

    @Test("come when a commit fails, and again once it is undone for certain")
    func commit() async throws {
        let fixture = try await StreamFixture(credits: 1) {
            StoreFaultTests.FaultyStore(store: $0, operation: .commit, isExecuted: true)
        }
        let token = try await fixture.mint(ttl: 300)
        _ = await fixture.ask(StreamFixture.post(token))
        #expect(words(fixture) == ["unsettled", "commit_unanswered with token"])
        await fixture.function.settle()
        #expect(words(fixture) == ["unsettled", "commit_unanswered with token", "commit released"])
        try await expect(fixture.organization.credits, is: 1)
    }
}
