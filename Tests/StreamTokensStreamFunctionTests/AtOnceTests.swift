import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A stream that is opened at once")
struct AtOnceTests {
    static let events: Headers = [.accept: "text/event-stream"]
    /// What its client has before the workflow has begun.
    static let opening = "retry: 1000\n\n:\n\n"

    static var options: StreamOptions {
        var options = StreamOptions()
        options.opens = .atOnce
        options.firstByte = .seconds(900)
        return options
    }

    @Test("has a status and a comment while its token is only reserved, and is committed by the first output")
    func opens() async throws {
        let silent = try await SilentStream(credits: 2)
        #expect(silent.response.status == .ok)
        #expect(silent.response.headers[.contentType] == "text/event-stream")
        await expect(silent.writer.text, is: Self.opening)
        try await expect(silent.state, is: "reserved")
        try await expect(silent.counts, is: [2, 1, 0])
        silent.workflow.begin(.success([.output(.bytes(Array("a".utf8)))]))
        try await silent.sending.value
        let end = "id: 1\ndata: a\n\nevent: done\nid: 1;end\ndata: {}\n\n"
        await expect(silent.writer.text, is: Self.opening + end)
        try await expect(silent.state, is: "used")
        try await expect(silent.counts, is: [1, 0, 0])
        #expect(silent.words == ["waiting", "opened", "ended"])
    }

    @Test("has heartbeats while it waits, and its reservation is renewed for as long as that takes")
    func heartbeats() async throws {
        let silent = try await SilentStream(credits: 1)
        for second in 1...120 {
            try await silent.pass(seconds: 1)
            let count = second / 15
            while await silent.writer.text.count < (Self.opening + String(repeating: ":\n\n", count: count)).count {
                await Task.yield()
            }
            await expect(silent.writer.text, is: Self.opening + String(repeating: ":\n\n", count: count))
        }
        try await expect(silent.state, is: "reserved")
        try await expect(silent.counts, is: [1, 1, 0])
        silent.workflow.begin(.success([]))
        try await silent.sending.value
        try await expect(silent.counts, is: [0, 0, 0])
    }

    @Test("begins while its client takes no heartbeat, and writes the first output behind that")
    func blocked() async throws {
        let silent = try await SilentStream(credits: 1)
        let (isBlocked, takesBytes) = (Lock(false), Lock(false))
        await silent.writer.onWrite { text in
            guard text == ":\n\n" else { return }
            isBlocked.withLock { $0 = true }
            while !takesBytes.withLock({ $0 }) { await Task.yield() }
        }
        try await silent.pass(seconds: 10)
        try await silent.pass(seconds: 5)
        while !isBlocked.withLock({ $0 }) { await Task.yield() }
        silent.workflow.begin(.success([.output(.bytes(Array("a".utf8)))]))
        while try await silent.state != "used" { await Task.yield() }
        // It is renewed as an open stream.
        try await silent.pass(seconds: 10)
        try await silent.pass(seconds: 10)
        try await expect(silent.counts, is: [0, 0, 1])
        await expect(silent.writer.text, is: Self.opening)
        takesBytes.withLock { $0 = true }
        try await silent.sending.value
        let end = "id: 1\ndata: a\n\nevent: done\nid: 1;end\ndata: {}\n\n"
        await expect(silent.writer.text, is: Self.opening + ":\n\n" + end)
        try await expect(silent.counts, is: [0, 0, 0])
    }

    @Test(
        "whose workflow fails before its first output gives token and credit back before the event that says so",
        arguments: [
            (.unavailable("refused"), "workflow_unavailable", 502), (.timedOut, "workflow_timeout", 504),
            (.notFound, "workflow_not_found", 404), (.rejected("no"), "workflow_rejected", 422),
            (.busy(retryAfter: 7), "workflow_busy", 503), (.eventTooLarge(limit: 9), "workflow_event_too_large", 502),
        ] as [(WorkflowFailure, String, Int)]
    )
    func fails(failure: WorkflowFailure, code: String, status: Int) async throws {
        let silent = try await SilentStream(credits: 1)
        let atEvent = Lock<[String]>([])
        await silent.writer.onWrite { text in
            guard text.hasPrefix("event: error") else { return }
            let seen = (try? await silent.state) ?? ""
            let counts = (try? await silent.counts) ?? []
            atEvent.withLock { $0 = [seen, "\(counts)"] }
        }
        silent.workflow.begin(.failure(failure))
        try await silent.sending.value
        let told = try await silent.error
        #expect([told.code, told.status] == [code, "\(status)"])
        #expect(atEvent.withLock { $0 } == ["live", "[Optional(1), Optional(0), Optional(0)]"])
        #expect(silent.words == ["waiting", "\(code) \(status)"])
        let text = await silent.writer.text
        #expect(text.hasPrefix(Self.opening + "event: error\nid: 0;end\ndata: {\"code\":\"\(code)\",\"error\":"))
        // The token is live: it opens the next stream.
        silent.workflow.begin(.success([]))
        await expect(silent.fixture.ask(StreamFixture.post(silent.token, headers: Self.events)).status, is: 200)
    }

    @Test("ends when it is revoked while it waits", arguments: ["token", "organization"])
    func revoked(what: String) async throws {
        let silent = try await SilentStream(credits: 1)
        if what == "token" {
            _ = await silent.fixture.store.revoke(try #require(StreamToken(silent.token)))
        } else {
            _ = await silent.fixture.store.revokeTokens(of: "acme")
        }
        try await silent.pass(seconds: 1)
        try await silent.sending.value
        try await expect(silent.error.code, is: "revoked")
        try await expect(silent.error.status, is: "401")
        try await expect(silent.state, is: "revoked")
        try await expect(silent.counts, is: [1, 0, 0])
        #expect(silent.workflow.cancelCount == 1)
        #expect(silent.words == ["waiting", "invalid_token 401"])
    }

    @Test("ends if its reservation lapsed because the store was away for too long")
    func lapsed() async throws {
        let silent = try await SilentStream(credits: 1)
        silent.time.advance(15_000)
        try await silent.pass(seconds: 1)
        try await silent.sending.value
        try await expect(silent.error.code, is: "store_unavailable")
        try await expect(silent.error.status, is: "503")
        try await expect(silent.state, is: "live")
        try await expect(silent.counts, is: [1, 0, 0])
        #expect(silent.words == ["waiting", "reservation_lost 503"])
    }

    @Test("goes on if the store is away for a moment, and its commit succeeds once the store is back")
    func storeAway() async throws {
        let silent = try await SilentStream(credits: 1, failing: .renew, times: 5)
        for _ in 0..<6 { try await silent.pass(seconds: 1) }
        silent.workflow.begin(.success([]))
        try await silent.sending.value
        try await expect(silent.counts, is: [0, 0, 0])
    }

    @Test("whose commit or release fails is settled later, and its client is told before")
    func unsettled() async throws {
        for operation in [StoreFaultTests.Operation.commit, .release] {
            let silent = try await SilentStream(credits: 1, failing: operation)
            silent.workflow.begin(operation == .commit ? .success([]) : .failure(.timedOut))
            try await silent.sending.value
            try await expect(silent.error.code, is: operation == .commit ? "store_unavailable" : "workflow_timeout")
            await silent.fixture.function.settle()
            try await expect(silent.state, is: "live")
            try await expect(silent.counts, is: [1, 0, 0])
        }
    }

    @Test("is released if its client leaves while it waits, at once or at a heartbeat", arguments: [true, false])
    func left(isAtOnce: Bool) async throws {
        let silent = try await SilentStream(credits: 1, writing: isAtOnce ? 0 : Self.opening.utf8.count)
        if !isAtOnce { silent.fixture.clock.advance(by: .seconds(15)) }
        try? await silent.sending.value
        try await expect(silent.state, is: "live")
        try await expect(silent.counts, is: [1, 0, 0])
        #expect(silent.workflow.cancelCount == 1)
        #expect(silent.words == ["waiting", "client_closed_request 503"])
    }

    @Test("is released when the process ends, and tells a client that is still there")
    func drained() async throws {
        let silent = try await SilentStream(credits: 1)
        silent.sending.cancel()
        try? await silent.sending.value
        try await expect(silent.error.code, is: "stream_interrupted")
        try await expect(silent.error.status, is: "503")
        try await expect(silent.state, is: "live")
        try await expect(silent.counts, is: [1, 0, 0])
    }

    @Test("may last STREAM_MAX_SECONDS from its commit, however long it has waited")
    func maximum() async throws {
        let silent = try await SilentStream(credits: 1)
        for _ in 0..<30 { try await silent.pass(seconds: 10) }
        silent.workflow.begin(.success([.output(.bytes(Array("a".utf8))), .hang]))
        while try await silent.state != "used" { await Task.yield() }
        for _ in 0..<299 { try await silent.pass(seconds: 1) }
        #expect(silent.words == ["waiting", "opened"])
        try await silent.pass(seconds: 1)
        try await silent.sending.value
        #expect(silent.words == ["waiting", "opened", "stream_too_long"])
        #expect(await silent.writer.text.contains(#""code":"stream_too_long","error":"The stream has"#))
        #expect(await !silent.writer.text.contains("status"))
    }

    @Test("is refused with a status for everything that needs no workflow")
    func refusals() async throws {
        let fixture = try await StreamFixture(options: Self.options, credits: 1)
        let token = try await fixture.mint()
        for (request, status) in [
            (StreamFixture.post(nil, headers: Self.events), 401),
            (StreamFixture.post(token, "[]", headers: Self.events), 400),
            (StreamFixture.post(token, path: "/api/v1/run/a.b/stream", headers: Self.events), 404),
        ] {
            await expect(fixture.ask(request).status, is: status)
            #expect(try await fixture.isLive(token))
        }
        _ = await fixture.store.setCredits(0, of: "acme")
        await expect(fixture.ask(StreamFixture.post(token, headers: Self.events)).status, is: 402)
        try await expect(fixture.organization.held, is: 0)
    }

    @Test("is none in plain text, and where the platform collects responses")
    func atFirstByte() async throws {
        let workflow = ScriptedWorkflow(.failure(.timedOut))
        let fixture = try await StreamFixture(workflow, options: Self.options, credits: 1)
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 504)
        var collected = StreamFixture.post(token, headers: Self.events)
        collected.isCollected = true
        await expect(fixture.ask(collected).status, is: 504)
        await expect(fixture.ask(StreamFixture.post(token, headers: Self.events)).status, is: 200)
    }

    @Test("holds its token for another attempt, and is committed although the credits were set to none meanwhile")
    func held() async throws {
        let silent = try await SilentStream(credits: 1)
        await expect(silent.fixture.ask(StreamFixture.post(silent.token, headers: Self.events)).status, is: 409)
        _ = await silent.fixture.store.setCredits(0, of: "acme")
        try await silent.pass(seconds: 1)
        silent.workflow.begin(.success([]))
        try await silent.sending.value
        try await expect(silent.state, is: "used")
        try await expect(silent.counts, is: [0, 0, 0])
    }

    @Test("ends before the platform's deadline, with its token given back")
    func deadline() async throws {
        let workflow = ScriptedWorkflow(.failure(.timedOut))
        let fixture = try await StreamFixture(workflow, options: Self.options, credits: 1)
        let token = try await fixture.mint()
        var request = StreamFixture.post(token, headers: Self.events)
        request.timeLimit = .seconds(15)
        #expect(await fixture.ask(request).text.contains(#""status":504"#))
        #expect(workflow.limits.withLock { $0 } == [.seconds(13)])
        #expect(try await fixture.isLive(token))
    }
}
