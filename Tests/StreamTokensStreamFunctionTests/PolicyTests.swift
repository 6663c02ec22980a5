import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensRedemption
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A token with a policy")
struct PolicyTests {
    private static let events: Headers = [.accept: "text/event-stream"]

    /// A request that a policy refuses, and how.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let policy: String
        var path = StreamFixture.path
        var body = ""
        var headers: Headers = [:]
        let code: String
        let text: String

        var testDescription: String { "\(policy) \(body)" }
    }

    private static let refusals = [
        Refusal(
            policy: #"{"workflows":["echo","count"]}"#,
            code: "workflow_not_allowed",
            text: "This stream token is for another workflow."
        ),
        Refusal(
            policy: #"{"workflows":["chat"]}"#,
            path: "/api/v1/run/a.b/stream",
            code: "workflow_not_allowed",
            text: "This stream token is for another workflow."
        ),
        Refusal(
            policy: #"{"origins":["https://a.example"]}"#,
            code: "origin_not_allowed",
            text: "This stream token is for pages of another origin."
        ),
        Refusal(
            policy: #"{"origins":["https://a.example"]}"#,
            headers: [.origin: "https://b.example"],
            code: "origin_not_allowed",
            text: "This stream token is for pages of another origin."
        ),
        Refusal(
            policy: #"{"variables":{"model":"secret"}}"#,
            body: #"{"model":"guess"}"#,
            code: "variable_locked",
            text: #"The variable \"model\" is set by the stream token. Leave it out."#
        ),
        Refusal(
            policy: #"{"variables":{"model":"secret"}}"#,
            body: #"{"model":"secret"}"#,
            code: "variable_locked",
            text: #"The variable \"model\" is set by the stream token. Leave it out."#
        ),
        Refusal(
            policy: #"{"allow":["text"]}"#,
            body: #"{"text":"hi","other":1}"#,
            code: "variable_not_allowed",
            text: #"This stream token does not allow the variable \"other\"."#
        ),
        Refusal(
            policy: #"{"allow":[]}"#,
            body: #"{"a\u0000\n\"":1}"#,
            code: "variable_not_allowed",
            text: #"This stream token does not allow the variable \"a\u0000\n\"\"."#
        ),
    ]

    @Test(
        "is not used by what its policy refuses, in either way to open streams: no workflow starts",
        arguments: refusals,
        StreamOpening.allCases
    )
    func refused(_ refusal: Refusal, opens: StreamOpening) async throws {
        var options = StreamOptions()
        options.opens = opens
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow, options: options, credits: 1, maxStreams: 1)
        let token = try await fixture.mint(policy: refusal.policy)
        var headers = refusal.headers
        headers.append(.accept, "text/event-stream")
        let response = await fixture.ask(
            StreamFixture.post(token, refusal.body, path: refusal.path, headers: headers)
        )
        #expect(response.status == 403)
        #expect(response.text == #"{"error":"\#(refusal.text)","success":false,"code":"\#(refusal.code)"}"#)
        #expect(response.headers["access-control-allow-origin"] == "*")
        #expect(response.cause?.contains("secret") != true)
        #expect(try await fixture.isLive(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [1, 0, 0])
        #expect(workflow.calls.withLock { $0.isEmpty })
        let details = await fixture.store.inspect(try #require(StreamToken(token)))
        #expect(details.refusal?.reason.rawValue == refusal.code)
    }

    @Test("is released later, with the reason, if the store is lost before its release", arguments: [true, false])
    func lostRelease(isExecuted: Bool) async throws {
        let fixture = try await StreamFixture(credits: 1) {
            StoreFaultTests.FaultyStore(store: $0, operation: .release, isExecuted: isExecuted)
        }
        let token = try await fixture.mint(policy: #"{"workflows":["echo"],"user":"u-1"}"#)
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 403)
        await fixture.function.settle()
        #expect(try await fixture.isLive(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [1, 0, 0])
        let details = await fixture.store.inspect(try #require(StreamToken(token)))
        #expect(details.refusal?.reason == .workflowNotAllowed)
        // The policy has stayed.
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 403)
        #expect(fixture.events.withLock { $0.allSatisfy { $0.origin.user == "u-1" } })
    }

    @Test("keeps its policy if its commit is lost and released")
    func lostCommit() async throws {
        let fixture = try await StreamFixture(credits: 1) {
            StoreFaultTests.FaultyStore(store: $0, operation: .commit, isExecuted: true)
        }
        let token = try await fixture.mint(policy: #"{"workflows":["chat"]}"#)
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 503)
        await fixture.function.settle()
        await expect(fixture.ask(StreamFixture.post(token, path: "/api/v1/run/echo/stream")).status, is: 403)
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 200)
    }

    @Test(
        "sends its locked variables behind the page's, as text and as members",
        arguments: [
            ("", #"{"b":1e2,"a":{"c":[]}}"#), ("{}", #"{"b":1e2,"a":{"c":[]}}"#),
            ("\n{ } ", "\n{ \"b\":1e2,\"a\":{\"c\":[]}}"),
            (#"{"x":{"a":1}}"#, #"{"x":{"a":1},"b":1e2,"a":{"c":[]}}"#),
            ("{\"x\" : \"}\" }\n", #"{"x" : "}" ,"b":1e2,"a":{"c":[]}}"#),
        ]
    )
    func locked(body: String, text: String) async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        let token = try await fixture.mint(policy: #"{"variables":{"b":1e2,"a":{"c":[]}}}"#)
        await expect(fixture.ask(StreamFixture.post(token, body)).status, is: 200)
        let call = try #require(workflow.calls.withLock { $0.first })
        #expect(String(decoding: call.variablesText, as: UTF8.self) == text)
        #expect(JSON.object(call.variables) == (try JSONReader.read(call.variablesText)))
    }

    @Test("sends its locked variables to a workflow that a GET opens, from parameters and from JSON")
    func lockedByGet() async throws {
        for (query, text) in [
            ("", #"{"a":1}"#), ("&b=2", #"{"b":"2","a":1}"#), ("&variables=%7B%22b%22%3A2%7D", #"{"b":2,"a":1}"#),
        ] {
            let workflow = ScriptedWorkflow("a")
            let fixture = try await StreamFixture(workflow)
            let token = try await fixture.mint(policy: #"{"variables":{"a":1},"allow":["b"]}"#)
            let request = Request(path: StreamFixture.path, query: "token=\(token)\(query)", headers: Self.events)
            await expect(fixture.ask(request).status, is: 200)
            let call = try #require(workflow.calls.withLock { $0.first })
            #expect(String(decoding: call.variablesText, as: UTF8.self) == text)
        }
    }

    @Test("tells the workflow and the events its user, whom no header of the page can name")
    func user() async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        let cases: [(String, String?)] = [(#"{"user":"u-1"}"#, "u-1"), (#"{"allow":[]}"#, nil), ("{}", nil)]
        for (policy, user) in cases {
            let token = try await fixture.mint(policy: policy)
            let headers: Headers = ["x-user": "mallory"]
            await expect(fixture.ask(StreamFixture.post(token, headers: headers)).status, is: 200)
            #expect(workflow.calls.withLock { $0.last?.user } == user)
            #expect(fixture.events.withLock { $0.suffix(2).map(\.origin.user) } == [user, user])
        }
    }

    @Test("names its user in the event of a refusal by the workflow", arguments: StreamOpening.allCases)
    func userOfFailure(opens: StreamOpening) async throws {
        var options = StreamOptions()
        options.opens = opens
        let fixture = try await StreamFixture(ScriptedWorkflow(.failure(.timedOut)), options: options)
        let token = try await fixture.mint(policy: #"{"user":"u-1"}"#)
        _ = await fixture.ask(StreamFixture.post(token, headers: Self.events))
        #expect(fixture.events.withLock { $0.last?.origin.user } == "u-1")
    }

    @Test(
        "lasts for the smaller of its own limit and the server's",
        arguments: [(2, 300, 2), (600, 300, 300), (300, 2, 2)]
    )
    func maximum(policy: Int, server: Int, expected: Int) async throws {
        let clock = SteppedClock()
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8))), .hang]), clock: clock)
        var options = StreamOptions()
        options.maximum = .seconds(server)
        let fixture = try await StreamFixture(workflow, options: options)
        let maintenance = Task { await fixture.function.maintain() }
        let writer = RecordingWriter()
        let token = try await fixture.mint(policy: #"{"max_seconds":\#(policy)}"#)
        let response = await fixture.function.handle(StreamFixture.post(token, headers: Self.events))
        let sending = Task { try await response.body.write(to: writer) }
        while clock.sleeperCount == 0 || fixture.clock.sleeperCount == 0 { await Task.yield() }
        fixture.clock.advance(by: .seconds(expected - 1))
        for _ in 0..<1000 { await Task.yield() }
        #expect(await !writer.text.contains("stream_too_long"))
        while fixture.clock.sleeperCount == 0 { await Task.yield() }
        fixture.clock.advance(by: .seconds(1))
        try await sending.value
        #expect(await writer.text.contains(#""code":"stream_too_long""#))
        maintenance.cancel()
        await maintenance.value
    }

    @Test(
        "opens when its policy says, whatever the server does by default",
        arguments: StreamOpening.allCases,
        StreamOpening.allCases
    )
    func opening(policy: StreamOpening, server: StreamOpening) async throws {
        var options = StreamOptions()
        options.opens = server
        let fixture = try await StreamFixture(ScriptedWorkflow(.failure(.timedOut)), options: options)
        let token = try await fixture.mint(policy: #"{"opens":"\#(policy.rawValue)"}"#)
        let response = await fixture.ask(StreamFixture.post(token, headers: Self.events))
        #expect(response.status == (policy == .atOnce ? 200 : 504))
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 504)
        var collected = StreamFixture.post(token, headers: Self.events)
        collected.isCollected = true
        await expect(fixture.ask(collected).status, is: 504)
        #expect(try await fixture.isLive(token))
    }

    @Test("that opens with the first byte keeps its reservation where others are renewed each second")
    func held() async throws {
        let workflow = SilentWorkflow()
        let fixture = try await StreamFixture(workflow, options: AtOnceTests.options, credits: 1)
        let token = try await fixture.mint(ttl: 5, policy: #"{"opens":"at_first_byte"}"#)
        async let response = fixture.ask(StreamFixture.post(token, headers: Self.events))
        while try await fixture.organization.held == 0 { await Task.yield() }
        for _ in 0..<120 {
            // Until the reservation is among those to renew, its lease is that of the reserve.
            for _ in 0..<200 { await Task.yield() }
            fixture.time.advance(1000)
            await fixture.function.renew()
        }
        try await expect(fixture.organization.held, is: 1)
        workflow.begin(.success([]))
        await expect(response.status, is: 200)
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [0, 0, 0])
    }

    @Test(
        "of an origin is opened by the browser's own request to that origin, known by its Host",
        arguments: [
            ("https://a.example", "a.example", true), ("https://a.example", "A.example:443", true),
            ("https://a.example", "a.example:80", false), ("https://a.example", "b.example", false),
            ("https://a.example", "a.example.b.example", false), ("https://a.example", "", false),
            ("https://a.example", ":443", false), ("http://a.example", "a.example:80", true),
            ("http://a.example", "a.example:443", false), ("http://a.example:8080", "a.example:8080", true),
            ("http://a.example:8080", "a.example", false), ("http://[::1]:8080", "[::1]:8080", true),
            ("http://[::80]", "[::80]", true), ("http://[::80]", "[::80]:80", true),
            ("capacitor://localhost", "localhost", false),
        ]
    )
    func sameOrigin(origin: String, host: String, isAllowed: Bool) async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint(policy: #"{"origins":["https://other.example","\#(origin)"]}"#)
        var headers = Self.events
        headers[.host] = try #require(Headers.Value(host))
        for site in ["none", "same-site", "cross-site", "Same-Origin", ""] {
            headers["sec-fetch-site"] = site.isEmpty ? nil : Headers.Value(site)
            let request = Request(path: StreamFixture.path, query: "token=\(token)", headers: headers)
            await expect(fixture.ask(request).status, is: 403)
        }
        headers["sec-fetch-site"] = "same-origin"
        var request = Request(path: StreamFixture.path, query: "token=\(token)", headers: headers)
        request.headers[.origin] = "https://evil.example"
        await expect(fixture.ask(request).status, is: 403)
        request.headers[.origin] = nil
        request.headers.append("sec-fetch-site", "same-origin")
        await expect(fixture.ask(request).status, is: 403)
        request.headers["sec-fetch-site"] = "same-origin"
        await expect(fixture.ask(request).status, is: isAllowed ? 200 : 403)
    }

    @Test("compares the names of variables by their bytes, also beside thousands of others")
    func names() async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint(policy: #"{"variables":{"caf\u00e9":1}}"#)
        let many = (0..<20_000).map { #""v\#($0)":0"# }.joined(separator: ",")
        await expect(fixture.ask(StreamFixture.post(token, "{\(many),\"caf\u{e9}\":2}")).code, is: "variable_locked")
        await expect(fixture.ask(StreamFixture.post(token, "{\(many),\"cafe\u{301}\":2}")).status, is: 200)
    }
}
