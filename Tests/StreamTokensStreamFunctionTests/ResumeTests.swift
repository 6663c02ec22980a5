import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A stream that can be resumed")
struct ResumeTests {
    @Test("begins with a cursor alone, and has one in the id of each event but its last")
    func ids() async throws {
        let stream = try await ResumableStream()
        stream.feed("a", "b")
        stream.workflow.feed(.end)
        let client = await stream.open()
        try await client.sending.value
        let text = await client.line.text
        let secret = try #require(text.firstMatch(of: /^id: ;0\.([A-Za-z0-9_-]{22})\n/)?.1)
        let expected =
            "id: ;0.\(secret)\n\nretry: 1000\n\nid: ;1.\(secret)\ndata: a\n\nid: ;2.\(secret)\ndata: b\n\n"
            + "id: ;end\nevent: done\ndata: {}\n\n"
        #expect(text == expected)
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
        #expect(stream.words == ["opened", "ended"])
        await stream.end()
    }

    @Test("goes on from where the line was lost, with no second run and no second charge")
    func resumes() async throws {
        let stream = try await ResumableStream()
        stream.feed("a", "b")
        let first = await stream.open()
        #expect(try await first.has(2))
        await first.leave()
        stream.feed("c")
        let second = await stream.open(after: try await first.lastEventID)
        #expect(second.response.status == .ok)
        #expect(second.response.headers[.contentType] == "text/event-stream")
        #expect(try await second.has(1))
        try await expect(stream.counts(awaiting: [0, 0, 1]), is: [0, 0, 1])
        stream.feed("d")
        stream.workflow.feed(.end)
        try await second.sending.value
        try await expect(second.texts, is: ["c", "d", "{}"])
        #expect(stream.workflow.starts == 1)
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
        #expect(stream.words == ["opened", "resumed after 2", "ended"])
        await stream.end()
    }

    @Test("is replayed by cursor 0, also by POST, whose body is not read")
    func replay() async throws {
        let stream = try await ResumableStream()
        stream.feed("a", "b", "c")
        let first = await stream.open()
        #expect(try await first.has(3))
        let id = try #require(try await first.lastEventID)
        let beginning = id.replacing(/;3\./, with: ";0.")
        var request = ResumableStream.request(stream.token, after: beginning)
        request.method = .post
        request.body = .stream { _ in Issue.record("the body was read") }
        let second = await stream.open(request)
        #expect(try await second.has(3))
        try await expect(second.texts, is: ["a", "b", "c"])
        await stream.end()
    }

    @Test("has an unused token that opens it, whatever Last-Event-ID says")
    func live() async throws {
        for id in ["3", ";3.AAAAAAAAAAAAAAAAAAAAAA", "", ";"] {
            let stream = try await ResumableStream()
            stream.feed("a")
            let client = await stream.open(after: id)
            #expect(try await client.has(1))
            #expect(stream.words == ["opened"])
            await stream.end()
        }
    }

    @Test("is refused like any used token to who has not got it")
    func refused() async throws {
        let stream = try await ResumableStream(credits: 9)
        stream.feed("a", "b")
        let client = await stream.open()
        #expect(try await client.has(2))
        let id = try #require(try await client.lastEventID)
        let secret = id.suffix(22)
        let wrong = id.dropLast(2) + (id.hasSuffix("AA") ? "BB" : "AA")
        let long = String(repeating: "x", count: 65_000)
        let ids: [String?] = [
            nil, "", "2", ";2", ";2.", String(id.dropLast()), String(wrong), id + "A", ";3.\(secret)", ";-1.\(secret)",
            ";2\(secret)", "2.\(secret)", ";99999999999999999999.\(secret)", ";9223372036854775807.\(secret)",
            ";+2.\(secret)", ";2.\(secret);", long, long + ";2.",
        ]
        for id in ids {
            let refused = await stream.fixture.ask(ResumableStream.request(stream.token, after: id))
            #expect(refused.status == 401, "\(id?.prefix(40) ?? "none")")
            #expect(refused.code == "invalid_token")
        }
        let other = "/api/v1/run/other/stream"
        for request in [
            ResumableStream.request(stream.token, after: id, path: other),
            ResumableStream.request(try await stream.fixture.mint(), after: id, path: "/api/v1/run/a.b/stream"),
        ] {
            #expect([401, 404].contains(await stream.fixture.ask(request).status))
        }
        var plain = ResumableStream.request(stream.token, after: id)
        plain.method = .post
        plain.headers[.accept] = "text/plain"
        await expect(stream.fixture.ask(plain).status, is: 401)
        // None of them has displaced the reader.
        stream.feed("c")
        #expect(try await client.has(3))
        #expect(stream.workflow.starts == 1)
        #expect(!stream.words.contains { $0.hasPrefix("resumed") })
        await stream.end()
    }

    @Test("is not resumed by the cursor of another stream")
    func otherStream() async throws {
        let stream = try await ResumableStream(credits: 2)
        stream.feed("a", "a")
        let first = await stream.open()
        #expect(try await first.has(1))
        let token = try await stream.fixture.mint()
        let second = await stream.open(ResumableStream.request(token))
        let ids = [try await first.lastEventID, try await second.lastEventID]
        await expect(stream.fixture.ask(ResumableStream.request(token, after: ids[0])).status, is: 401)
        await expect(stream.fixture.ask(ResumableStream.request(stream.token, after: ids[1])).status, is: 401)
        await stream.end()
    }

    @Test("is read by the latest reader, and tells the earlier one not to come back")
    func latest() async throws {
        let stream = try await ResumableStream()
        stream.feed("a")
        let first = await stream.open()
        #expect(try await first.has(1))
        let id = try await first.lastEventID
        let second = await stream.open(after: id)
        try await expect(first.code, is: "resumed_elsewhere")
        try await expect(first.lastEventID, is: ";end")
        let third = await stream.open(after: id)
        try await expect(second.code, is: "resumed_elsewhere")
        stream.feed("b")
        #expect(try await third.has(1))
        try await expect(third.texts, is: ["b"])
        await expect(stream.fixture.ask(ResumableStream.request(stream.token, after: ";end")).status, is: 204)
        #expect(stream.workflow.starts == 1)
        await stream.end()
    }

    @Test("ends its run once nobody has read it for the window, and can be resumed until then")
    func window() async throws {
        let stream = try await ResumableStream()
        stream.feed("a")
        let first = await stream.open()
        #expect(try await first.has(1))
        // The window begins when the reader leaves, not before.
        await stream.pass(seconds: 2 * ResumableStream.window)
        await first.leave()
        await stream.pass(seconds: ResumableStream.window - 1)
        let second = await stream.open(after: try await first.lastEventID)
        stream.feed("b")
        #expect(try await second.has(1))
        await second.leave()
        await stream.pass(seconds: ResumableStream.window - 1)
        #expect(stream.workflow.cancels == 0)
        await stream.pass(seconds: 1)
        #expect(await waitUntil { stream.words.last == "stream_interrupted" })
        #expect(stream.workflow.cancels == 1)
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
        let late = ResumableStream.request(stream.token, after: try await second.lastEventID)
        await expect(stream.fixture.ask(late).status, is: 401)
        await stream.end()
    }

    @Test("can be resumed for the window after its end")
    func ended() async throws {
        let stream = try await ResumableStream()
        stream.feed("a", "b")
        let first = await stream.open()
        #expect(try await first.has(1))
        let id = try #require(try await first.events.first?.id)
        await first.leave()
        stream.workflow.feed(.end)
        #expect(await waitUntil { stream.words.last == "ended" })
        await stream.pass(seconds: ResumableStream.window - 1)
        for _ in 0..<2 {
            let rest = await stream.open(after: id)
            try await rest.sending.value
            try await expect(rest.texts, is: ["b", "{}"])
        }
        await stream.pass(seconds: 1)
        await expect(stream.fixture.ask(ResumableStream.request(stream.token, after: id)).status, is: 401)
        await stream.end()
    }

    @Test("ends when it is revoked while nobody reads it, and cannot be resumed", arguments: ["token", "organization"])
    func revoked(what: String) async throws {
        let stream = try await ResumableStream()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try await client.lastEventID
        await client.leave()
        if what == "token" {
            _ = await stream.fixture.store.revoke(try #require(StreamToken(stream.token)))
        } else {
            _ = await stream.fixture.store.revokeTokens(of: "acme")
        }
        await expect(stream.fixture.ask(ResumableStream.request(stream.token, after: id)).status, is: 401)
        await stream.pass(seconds: 1)
        #expect(await waitUntil { stream.words.contains("revoked") })
        #expect(stream.workflow.cancels == 1)
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
        await stream.end()
    }

    @Test("tells its reader why it ends early", arguments: ["revoked", "stream_too_long", "workflow_timeout"])
    func early(code: String) async throws {
        let stream = try await ResumableStream()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        switch code {
        case "revoked":
            _ = await stream.fixture.store.revokeTokens(of: "acme")
            await stream.pass(seconds: 1)
        case "stream_too_long": await stream.pass(seconds: 300)
        default: stream.workflow.fail(.timedOut)
        }
        try await expect(client.code, is: code)
        try await expect(client.lastEventID, is: ";end")
        #expect(stream.words == ["opened", code])
        await stream.end()
    }

    @Test("is interrupted when the process ends, and says so")
    func interrupted() async throws {
        let stream = try await ResumableStream()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        await stream.end()
        try await expect(client.code, is: "stream_interrupted")
        #expect(stream.workflow.cancels == 1)
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
    }

    @Test("has heartbeats without an id, and a client that comes back has one at once")
    func heartbeats() async throws {
        let stream = try await ResumableStream()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try await client.lastEventID
        await stream.pass(seconds: 31)
        let text = await client.line.text
        #expect(text.hasSuffix("data: a\n\n:\n\n:\n\n"))
        try await expect(client.lastEventID, is: id)
        let second = await stream.open(after: id)
        #expect(await waitUntil { await second.line.text == ":\n\n" })
        await stream.end()
    }

    @Test("is none in plain text, where the platform collects responses, and before anybody can run it")
    func none() async throws {
        let stream = try await ResumableStream(credits: 3)
        stream.feed("a")
        stream.workflow.feed(.end)
        await expect(stream.fixture.ask(StreamFixture.post(stream.token)).text, is: "a")
        var collected = ResumableStream.request(try await stream.fixture.mint())
        collected.isCollected = true
        stream.workflow.feed(.end)
        await expect(stream.fixture.ask(collected).text.contains("id: ;0."), is: false)
        await stream.end()
        stream.workflow.feed(.end)
        let request = ResumableStream.request(try await stream.fixture.mint())
        await expect(stream.fixture.ask(request).text, is: "retry: 1000\n\nevent: done\nid: 0;end\ndata: {}\n\n")
    }

    @Test("has the workflow's own ids before the cursors, and passes its reconnection fields on")
    func fronts() async throws {
        let stream = try await ResumableStream()
        let long = String(repeating: "y", count: 257)
        for id in ["a;b", nil, "with blank", long, "ü", "z", ""] {
            stream.workflow.feed(.event(ServerSentEvent(data: "a", id: id)))
        }
        stream.workflow.feed(.reconnection(.init(id: "r", retry: 5)))
        stream.workflow.feed(.event(ServerSentEvent(type: "done", data: "8")))
        stream.workflow.feed(.end)
        let client = await stream.open()
        try await client.sending.value
        let ids = try await client.events.map { $0.id?.replacing(ResumableStream.secret, with: "") }
        #expect(ids == ["a;b;1.", "a;b;2.", ";3.", ";4.", ";5.", "z;6.", ";7.", "r;9.", "r;end"])
        #expect(await client.line.text.firstMatch(of: /id: r;8\.[A-Za-z0-9_-]{22}\nretry: 5\n\n/) != nil)
        try await expect(client.events.map(\.type).suffix(2), is: ["workflow_done", "done"])
        await stream.end()
    }
}
