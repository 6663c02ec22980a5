import FunctionCore
import FunctionEventLoop
import StreamTokensHTTPWorkflow
import StreamTokensWorkflows
import Support
import Testing

@Suite("A workflow that streams events")
struct EventStreamTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream ; charset=utf-8\r\n\r\n"

    @Test("outputs them one by one, however they were sent", arguments: [false, true])
    func events(bytewise: Bool) async throws {
        let text =
            Self.head + ": hi\n\nid: 1\nevent: a\ndata: one\ndata: two\n\ndata: three\r\n\r\nretry: 5\n\ndata: no"
        try await withWorkflow({ _ in [.request, bytewise ? .bytewise(text) : .text(text)] }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .event(ServerSentEvent(type: "a", data: "one\ntwo", id: "1")))
            try await expect(run.next(), is: .event(ServerSentEvent(data: "three")))
            try await expect(run.next(), is: .reconnection(.init(retry: 5)))
            try await expect(run.next(), is: .end)
            await run.cancel()
        }
    }

    @Test(
        "is recognized by the last media type in its Content-Type",
        arguments: [
            ("text/event-stream", true), ("text/event-stream, text/event-stream; charset=utf-8", true),
            ("text/plain\r\nContent-Type: TEXT/event-stream", true), ("text/event-stream,", true),
            ("text/event-stream; a=\"b, c\"", true), ("text/event-stream, text/plain", false), ("text", false),
            ("text/event-streams", false), ("", false),
        ]
    )
    func mediaType(types: String, isEventStream: Bool) async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Type: \(types)\r\n\r\ndata: a\n\n"
        try await withWorkflow({ _ in [.request, .text(text)] }) { workflow, _ in
            let run = try await workflow.start()
            let expected: WorkflowOutput =
                isEventStream ? .event(ServerSentEvent(data: "a")) : .bytes(Array("data: a\n\n".utf8))
            try await expect(run.next(), is: expected)
            await run.cancel()
        }
    }

    @Test("starts at its first event, not at a comment")
    func firstEvent() async throws {
        let more = Gate()
        let script: [ScriptedServer.Step] = [
            .request, .text(Self.head + ": hi\n\ndata: on"), .pause(more), .text("e\n\n"),
        ]
        try await withWorkflow({ _ in script }) { workflow, _ in
            async let starting = workflow.start()
            more.open()
            let run = try await starting
            try await expect(run.next(), is: .event(ServerSentEvent(data: "one")))
        }
    }

    @Test("does not start at reconnection fields; they come merged before the first event")
    func reconnectionFirst() async throws {
        let more = Gate()
        let script: [ScriptedServer.Step] = [
            .request, .text(Self.head + "retry: 1\n\nid: a\n\nretry: 2\n\n"), .pause(more),
            .text("id: b\n\ndata: one\n\nretry: 3\n\nid: c\n\n"),
        ]
        try await withWorkflow({ _ in script }) { workflow, _ in
            async let starting = workflow.start()
            more.open()
            let run = try await starting
            try await expect(run.next(), is: .reconnection(.init(id: "b", retry: 2)))
            try await expect(run.next(), is: .event(ServerSentEvent(data: "one")))
            try await expect(run.next(), is: .reconnection(.init(retry: 3)))
            try await expect(run.next(), is: .reconnection(.init(id: "c")))
            try await expect(run.next(), is: .end)
            await run.cancel()
        }
    }

    @Test("with only reconnection fields is a run that ends")
    func reconnectionOnly() async throws {
        try await withWorkflow({ _ in [.request, .text(Self.head + "retry: 1\n\n: hi\n\n")] }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .reconnection(.init(retry: 1)))
            try await expect(run.next(), is: .end)
            await run.cancel()
        }
    }

    @Test("with endless reconnection fields takes no memory for them")
    func reconnectionFlood() async throws {
        let flood = String(repeating: "id: 1\n\n", count: 1 << 16)
        let script: [ScriptedServer.Step] = [.request, .text(Self.head + flood), .text("data: a\n\n")]
        try await withWorkflow({ _ in script }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .reconnection(.init(id: "1")))
            try await expect(run.next(), is: .event(ServerSentEvent(data: "a")))
            await run.cancel()
        }
    }

    @Test("without a whole event times out, even if comments come")
    func noEvent() async throws {
        let closed = Gate()
        let script: [ScriptedServer.Step] = [.request, .text(Self.head + ": hi\n\ndata: on"), .untilClosed(closed)]
        try await withWorkflow({ _ in script }) { workflow, _ in
            await expect(workflow.failure(within: .milliseconds(200)), is: .timedOut)
            #expect(await closed.opened())
        }
    }

    @Test("is silent while only comments and parts of events come, even without end")
    func comments() async throws {
        let comments = String(repeating: ": and so on\n", count: 2 << 20)
        let script: [ScriptedServer.Step] = [.request, .text(Self.head + "data: a\n\n"), .text(comments)]
        try await withWorkflow({ _ in script }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .event(ServerSentEvent(data: "a")))
            try await expect(run.next(within: .milliseconds(10)), is: .silence)
            await run.cancel()
        }
    }

    @Test("fails at an event that is too large, after the events before it", arguments: [nil, 1024])
    func tooLarge(limit: Int?) async throws {
        let maxLength = (limit ?? 1 << 20) - "data: ".count
        let fitting = String(repeating: "x", count: maxLength)
        let closed = Gate()
        let text = Self.head + "data: a\n\ndata: \(fitting)\n\ndata: b\n\ndata: \(fitting)x\n\ndata: c\n\n"
        let script: [ScriptedServer.Step] = [.request, .text(text), .untilClosed(closed)]
        try await withWorkflow(eventLimit: limit, { _ in script }) { workflow, _ in
            let run = try await workflow.start()
            for data in ["a", fitting, "b"] {
                try await expect(run.next(), is: .event(ServerSentEvent(data: data)))
            }
            for _ in 0..<2 { await expect(run.failure(), is: .eventTooLarge(limit: limit ?? 1 << 20)) }
            #expect(await closed.opened())
        }
    }

    @Test("whose first event is too large fails", arguments: ["data: a\ndata: ", ": ", "data:", "retry: 1\n\nid: "])
    func firstTooLarge(beginning: String) async throws {
        let text = Self.head + beginning + String(repeating: "x", count: 1024)
        let script: [ScriptedServer.Step] = [.request, .text(text), .untilClosed(Gate())]
        try await withWorkflow(eventLimit: 1024, { _ in script }) { workflow, _ in
            await expect(workflow.failure(), is: .eventTooLarge(limit: 1024))
        }
    }

    @Test("that breaks off is unavailable, after the events that came")
    func brokenOff() async throws {
        let text = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\ndata: a\n\ndata: b"
        try await withWorkflow({ _ in [.request, .text(text)] }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .event(ServerSentEvent(data: "a")))
            await expect(run.failure()?.isUnavailable, is: true)
        }
    }
}
