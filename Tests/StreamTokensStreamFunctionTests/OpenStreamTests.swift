import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("An open stream")
struct OpenStreamTests {
    private static let events: Headers = [.accept: "text/event-stream"]

    @Test("as server-sent events has the text, rising ids, and an end")
    func events() async throws {
        let fixture = try await StreamFixture(ScriptedWorkflow("one", "two\nlines", " end"))
        let response = await fixture.ask(StreamFixture.post(try await fixture.mint(), headers: Self.events))
        #expect(response.headers[.contentType] == "text/event-stream")
        var parser = ServerSentEventParser()
        let read = try parser.feed(Array(response.text.utf8))
        #expect(
            read == [
                ServerSentEvent(data: "one", id: "1"), ServerSentEvent(data: "two\nlines", id: "2"),
                ServerSentEvent(data: " end", id: "3"), ServerSentEvent(type: "done", data: "{}", id: "3;end"),
            ]
        )
    }

    @Test("keeps part of a character until the rest comes")
    func halves() async throws {
        let bytes = Array("ä\r\nb".utf8)
        let workflow = ScriptedWorkflow(.success(bytes.map { .output(.bytes([$0])) }))
        let fixture = try await StreamFixture(workflow)
        let response = await fixture.ask(StreamFixture.post(try await fixture.mint(), headers: Self.events))
        var parser = ServerSentEventParser()
        let read = try parser.feed(Array(response.text.utf8))
        #expect(read.map(\.data) == ["ä", "\n", "b", "{}"])
    }

    @Test("passes a workflow's own events on, and as plain text their data")
    func passedOn() async throws {
        let own = [ServerSentEvent(type: "token", data: "a", id: "x"), ServerSentEvent(data: "b\nc")]
        let workflow = ScriptedWorkflow(.success(own.map { .output(.event($0)) }))
        let fixture = try await StreamFixture(workflow)
        let response = await fixture.ask(StreamFixture.post(try await fixture.mint(), headers: Self.events))
        var parser = ServerSentEventParser()
        let done = ServerSentEvent(type: "done", data: "{}", id: "0;end")
        try expect(parser.feed(Array(response.text.utf8)), is: own + [done])
        let plain = await fixture.ask(StreamFixture.post(try await fixture.mint()))
        #expect(plain.text == "ab\nc")
    }

    @Test("renames a workflow's events that are named like the last event, and passes reconnection fields on")
    func namedAsOurs() async throws {
        let outputs: [WorkflowOutput] = [
            .reconnection(.init(retry: 3000)), .event(ServerSentEvent(type: "done", data: "a")),
            .reconnection(.init(id: "7")), .event(ServerSentEvent(type: "error", data: "b", id: "8")),
            .event(ServerSentEvent(type: "dones", data: "c")),
        ]
        let workflow = ScriptedWorkflow(.success(outputs.map { .output($0) }))
        let fixture = try await StreamFixture(workflow)
        let response = await fixture.ask(StreamFixture.post(try await fixture.mint(), headers: Self.events))
        let expected =
            "retry: 3000\n\nevent: workflow_done\ndata: a\n\nid: 7\n\nevent: workflow_error\nid: 8\ndata: b\n\n"
            + "event: dones\ndata: c\n\nevent: done\nid: 0;end\ndata: {}\n\n"
        #expect(response.text == expected)
        let plain = await fixture.ask(StreamFixture.post(try await fixture.mint()))
        #expect(plain.text == "abc")
    }

    @Test(
        "that fails after the first byte ends with an event, or breaks plain text off; the token is used",
        arguments: [
            (.unavailable("reset"), "workflow_unavailable"), (.timedOut, "workflow_timeout"),
            (.cancelled, "stream_interrupted"), (.eventTooLarge(limit: 9), "workflow_event_too_large"),
        ] as [(WorkflowFailure, String)]
    )
    func failure(failure: WorkflowFailure, code: String) async throws {
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8))), .failure(failure)]))
        let fixture = try await StreamFixture(workflow, credits: 2)
        let token = try await fixture.mint()
        let response = await fixture.ask(StreamFixture.post(token, headers: Self.events))
        #expect(response.status == 200)
        #expect(response.text.contains("event: error\nid: 1;end\ndata: {\"code\":\"\(code)\",\"error\":"))
        #expect(!response.isBrokenOff)
        let plain = await fixture.ask(StreamFixture.post(try await fixture.mint()))
        #expect(plain.text == "a")
        #expect(plain.isBrokenOff)
        #expect(try await fixture.isUsed(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [0, 0, 0])
        #expect(fixture.earlyEnds == [code, code])
        #expect(workflow.cancelCount.withLock { $0 } == 2)
    }

    @Test("of events has comments while it is silent")
    func heartbeat() async throws {
        let clock = SteppedClock()
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8))), .hang]), clock: clock)
        let fixture = try await StreamFixture(workflow)
        let token = try await fixture.mint()
        let writer = RecordingWriter()
        let response = await fixture.function.handle(StreamFixture.post(token, headers: Self.events))
        let sending = Task { try await response.body.write(to: writer) }
        for expected in ["", ":\n\n", ":\n\n:\n\n"] {
            while clock.sleeperCount == 0 { await Task.yield() }
            await expect(writer.text, is: "retry: 1000\n\nid: 1\ndata: a\n\n" + expected)
            clock.advance(by: .seconds(15))
        }
        sending.cancel()
        try? await sending.value
    }

    @Test("ends at revocation and at its maximum age, with a code", arguments: ["revoked", "stream_too_long"])
    func ended(code: String) async throws {
        let clock = SteppedClock()
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8))), .hang]), clock: clock)
        let fixture = try await StreamFixture(workflow)
        let maintenance = Task { await fixture.function.maintain() }
        let writer = RecordingWriter()
        let response = await fixture.function.handle(StreamFixture.post(try await fixture.mint(), headers: Self.events))
        let sending = Task { try await response.body.write(to: writer) }
        while clock.sleeperCount == 0 || fixture.clock.sleeperCount == 0 { await Task.yield() }
        if code == "revoked" { _ = await fixture.store.revokeTokens(of: "acme") }
        fixture.clock.advance(by: .seconds(code == "revoked" ? 1 : 300))
        try await sending.value
        #expect(await writer.text.contains("event: error\nid: 1;end\ndata: {\"code\":\"\(code)\""))
        try await expect(fixture.organization.open, is: 0)
        #expect(workflow.cancelCount.withLock { $0 } == 1)
        maintenance.cancel()
        await maintenance.value
    }

    @Test("ends before the platform's deadline, and tells the client")
    func deadline() async throws {
        let clock = SteppedClock()
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8))), .hang]), clock: clock)
        let fixture = try await StreamFixture(workflow)
        let maintenance = Task { await fixture.function.maintain() }
        let writer = RecordingWriter()
        var request = StreamFixture.post(try await fixture.mint(), headers: Self.events)
        request.timeLimit = .seconds(15)
        let response = await fixture.function.handle(request)
        let sending = Task { try await response.body.write(to: writer) }
        while clock.sleeperCount == 0 || fixture.clock.sleeperCount == 0 { await Task.yield() }
        fixture.clock.advance(by: .seconds(13))
        try await sending.value
        #expect(await writer.text.contains("event: error\nid: 1;end\ndata: {\"code\":\"stream_too_long\""))
        maintenance.cancel()
        await maintenance.value
    }

    @Test("whose client is gone before the commit uses no token, and ends the workflow")
    func goneBefore() async throws {
        let started = Lock(false)
        let workflow = ScriptedWorkflow(.success([.hang])) {
            started.withLock { $0 = true }
            while !Task.isCancelled { await Task.yield() }
        }
        let fixture = try await StreamFixture(workflow, credits: 1)
        let token = try await fixture.mint()
        let asking = Task { await fixture.function.handle(StreamFixture.post(token)) }
        while !started.withLock({ $0 }) { await Task.yield() }
        asking.cancel()
        await expect(asking.value.status.code, is: 499)
        #expect(try await fixture.isLive(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [1, 0, 0])
        #expect(workflow.cancelCount.withLock { $0 } == 1)
    }

    @Test("whose client is gone after the commit is charged and closed")
    func goneAfter() async throws {
        let workflow = ScriptedWorkflow("a", "b")
        let fixture = try await StreamFixture(workflow, credits: 1)
        let token = try await fixture.mint()
        let response = await fixture.function.handle(StreamFixture.post(token))
        await response.body.discard()
        #expect(try await fixture.isUsed(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [0, 0, 0])
        #expect(workflow.cancelCount.withLock { $0 } == 1)
    }
}
