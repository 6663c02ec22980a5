import FunctionCore
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("DELETE of a stream that can be resumed")
struct StopTests {
    private static func delete(_ token: String?, _ id: String?, path: String = StreamFixture.path) -> Request {
        var request = Request(method: .delete, path: path, query: token.map { "token=\($0)" })
        if let id { request.headers.append("last-event-id", Headers.Value(id) ?? "") }
        return request
    }

    @Test("ends its run, and tells its reader", arguments: [true, false])
    func stops(isRead: Bool) async throws {
        let stream = try await ResumableStream()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try await client.lastEventID
        if !isRead { await client.leave() }
        for _ in 0..<2 {
            let response = await stream.fixture.ask(Self.delete(stream.token, id))
            #expect(response.status == 204)
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.text.isEmpty)
        }
        #expect(await waitUntil { stream.words.last == "stopped" })
        if isRead {
            try await expect(client.code, is: "stopped")
            try await expect(client.lastEventID, is: ";end")
        }
        let late = await stream.open(after: id)
        try await expect(late.code, is: "stopped")
        #expect(stream.workflow.cancels == 1)
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
        await expect(stream.fixture.ask(Self.delete(stream.token, id)).status, is: 204)
        await expect(stream.fixture.ask(Self.delete(stream.token, ";end")).status, is: 204)
        await stream.end()
    }

    @Test("is refused without the right cursor, and does not end the run")
    func refused() async throws {
        let stream = try await ResumableStream(credits: 2)
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try #require(try await client.lastEventID)
        let live = try await stream.fixture.mint()
        for request in [
            Self.delete(stream.token, nil), Self.delete(stream.token, ";1.AAAAAAAAAAAAAAAAAAAAAA"),
            Self.delete(live, id), Self.delete(live, nil), Self.delete(nil, id), Self.delete("pub_tok_x", id),
            Self.delete(stream.token, id, path: "/api/v1/run/other/stream"),
        ] {
            await expect(stream.fixture.ask(request).status, is: 401)
        }
        stream.feed("b")
        #expect(try await client.has(2))
        #expect(stream.workflow.cancels == 0)
        await stream.end()
    }

    @Test("gives the token back if the workflow has not begun")
    func beforeCommit() async throws {
        var options = ResumableStream.options
        options.opens = .atOnce
        let stream = try await ResumableStream(options: options)
        stream.workflow.hold(true)
        let client = await stream.open()
        #expect(try await waitUntil { try await client.lastEventID != nil })
        await expect(stream.fixture.ask(Self.delete(stream.token, try await client.lastEventID)).status, is: 204)
        try await expect(client.code, is: "stopped")
        try await expect(stream.counts(awaiting: [1, 0, 0]), is: [1, 0, 0])
        #expect(try await stream.fixture.isLive(stream.token))
        await stream.end()
    }

    @Test("is a method of the path only if streams can be resumed", arguments: [true, false])
    func methods(isOn: Bool) async throws {
        let fixture = try await StreamFixture(options: isOn ? ResumableStream.options : StreamOptions())
        let preflight: Headers = [.origin: "https://app.example", "access-control-request-method": "DELETE"]
        let asked = await fixture.ask(Request(method: .options, path: StreamFixture.path, headers: preflight))
        let granted = asked.headers["access-control-allow-methods"]?.string
        #expect(granted == (isOn ? "GET, POST, DELETE" : "GET, POST"))
        let options = await fixture.ask(Request(method: .options, path: StreamFixture.path))
        #expect(options.headers[.allow]?.string == (isOn ? "GET, POST, DELETE, OPTIONS" : "GET, POST, OPTIONS"))
        let response = await fixture.ask(Self.delete(try await fixture.mint(), ";1.AAAAAAAAAAAAAAAAAAAAAA"))
        #expect(response.status == (isOn ? 401 : 405))
    }
}
