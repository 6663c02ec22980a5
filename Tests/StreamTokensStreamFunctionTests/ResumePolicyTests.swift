import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensRedemption
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A policy of a stream that can be resumed")
struct ResumePolicyTests {
    private static func options(_ window: Int, most: Int) -> StreamOptions {
        var options = StreamOptions()
        options.resumeWindow = .seconds(window)
        options.maxResumeWindow = .seconds(most)
        return options
    }

    @Test(
        "decides for how long it can be resumed, within the limit",
        arguments: [
            (#"{"resume_seconds":20}"#, 0, 60, 20), (#"{"resume_seconds":300}"#, 0, 60, 60),
            (#"{"resume_seconds":20}"#, 60, 60, 20), (#"{"resume_seconds":90}"#, 60, 60, 60), ("{}", 30, 60, 30),
            (#"{"user":"u"}"#, 30, 30, 30),
        ]
    )
    func window(policy: String, setting: Int, most: Int, window: Int) async throws {
        let stream = try await ResumableStream(options: Self.options(setting, most: most), policy: policy)
        stream.feed("a", "b")
        let client = await stream.open()
        #expect(try await client.has(2))
        let id = try #require(try await client.events.first?.id)
        await client.leave()
        stream.workflow.feed(.end)
        #expect(await waitUntil { stream.words.last == "ended" })
        await stream.pass(seconds: window - 1)
        let second = await stream.open(after: id)
        try await second.sending.value
        try await expect(second.texts, is: ["b", "{}"])
        await stream.pass(seconds: 1)
        await expect(stream.fixture.ask(ResumableStream.request(stream.token, after: id)).status, is: 401)
        await stream.end()
    }

    @Test(
        "can decide that it cannot be resumed, or the server does",
        arguments: [(#"{"resume_seconds":0}"#, 60, 60), ("{}", 0, 60), (#"{"resume_seconds":60}"#, 0, 0)]
    )
    func none(policy: String, setting: Int, most: Int) async throws {
        let stream = try await ResumableStream(options: Self.options(setting, most: most), policy: policy)
        stream.feed("a")
        stream.workflow.feed(.end)
        let text = await stream.fixture.ask(ResumableStream.request(stream.token)).text
        #expect(text.hasPrefix("retry: 1000\n\n") && text.contains("id: 1\n"), "\(text)")
        #expect(!stream.words.contains("unlogged"))
        await stream.end()
    }

    @Test("has its origins checked again, and a page of another one displaces and stops nobody")
    func origins() async throws {
        let policy = #"{"origins":["https://app.example"],"user":"user-1"}"#
        let stream = try await ResumableStream(options: Self.options(60, most: 60), policy: policy)
        func request(_ origin: String?, _ site: (String, String)? = nil, after id: String? = nil) -> Request {
            var request = ResumableStream.request(stream.token, after: id)
            if let origin { request.headers.append(.origin, Headers.Value(origin) ?? "") }
            if let site {
                request.headers.append("sec-fetch-site", Headers.Value(site.0) ?? "")
                request.headers.append(.host, Headers.Value(site.1) ?? "")
            }
            return request
        }
        stream.feed("a")
        let client = await stream.open(request("https://app.example"))
        #expect(try await client.has(1))
        let id = try await client.lastEventID
        for other in [
            request("https://other.example", after: id), request(nil, after: id),
            request(nil, ("same-origin", "other.example"), after: id),
        ] {
            for method in [Method.get, .delete] {
                var other = other
                other.method = method
                let refused = await stream.fixture.ask(other)
                #expect(refused.status == 403 && refused.code == "origin_not_allowed")
            }
        }
        // A wrong cursor learns nothing of the origins.
        await expect(stream.fixture.ask(request(nil, after: ";1.AAAAAAAAAAAAAAAAAAAAAA")).status, is: 401)
        stream.feed("b")
        #expect(try await client.has(2))
        await client.leave()
        let second = await stream.open(request(nil, ("same-origin", "app.example"), after: id))
        #expect(try await second.has(1))
        try await expect(second.texts, is: ["b"])
        let users = stream.fixture.events.withLock { events in
            events.compactMap { if case .resumed = $0.kind { $0.origin.user } else { nil } }
        }
        #expect(users == ["user-1"])
        var delete = request("https://app.example", after: id)
        delete.method = .delete
        await expect(stream.fixture.ask(delete).status, is: 204)
        try await expect(second.code, is: "stopped")
        await stream.end()
    }

    @Test("has its time limit also for a stream that can be resumed")
    func maximum() async throws {
        let policy = #"{"max_seconds":5}"#
        let stream = try await ResumableStream(options: Self.options(60, most: 60), policy: policy)
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        await stream.pass(seconds: 5)
        try await expect(client.code, is: "stream_too_long")
        await stream.end()
    }

    @Test("has its locked variables and user at the workflow once, and not at a resumption")
    func locked() async throws {
        let policy = #"{"variables":{"model":"m"},"opens":"at_once"}"#
        let stream = try await ResumableStream(options: Self.options(60, most: 60), policy: policy)
        stream.workflow.hold(true)
        let first = await stream.open()
        #expect(try await waitUntil { try await first.lastEventID != nil })
        let id = try await first.lastEventID
        await first.leave()
        // A page that was loaded again has forgotten what it sent, and may send anything.
        var request = ResumableStream.request(stream.token, after: id)
        request = Request(path: request.path, query: "token=\(stream.token)&model=x", headers: request.headers)
        let second = await stream.open(request)
        stream.feed("a")
        stream.workflow.hold(false)
        #expect(try await second.has(1))
        #expect(stream.workflow.starts == 1)
        await stream.end()
    }
}
