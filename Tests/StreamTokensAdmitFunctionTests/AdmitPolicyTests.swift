import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensAdmitFunction
import StreamTokensRedemption
import Support
import Testing

@Suite("A token with a policy, asked about by a proxy")
struct AdmitPolicyTests {
    @Test("tells the server behind the proxy its user, its locked variables and its longest duration")
    func claims() async throws {
        let fixture = try await AdmitFixture(credits: 1)
        let policy = #"{"user":"u-17","variables":{"model":"größer>?"},"max_seconds":90}"#
        let response = await fixture.ask(AdmitFixture.question("/?token=\(try await fixture.mint(policy))"))
        #expect(response.status == .noContent)
        #expect(response.headers["x-user"] == "u-17")
        #expect(response.headers["x-max-seconds"] == "90")
        let variables = try #require(response.headers["x-variables"]?.string)
        #expect(!variables.utf8.contains { "+/=".utf8.contains($0) })
        let padded = variables.replacing("-", with: "+").replacing("_", with: "/") + "=="
        let bytes = try #require(Base64.decode(String(padded.prefix(padded.utf8.count / 4 * 4))))
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"model":"größer>?"}"#)
        await expect(fixture.counts, is: [0, 0, 0])
        let users = fixture.events.withLock { $0.map(\.origin.user) }
        #expect(users == ["u-17"])
    }

    @Test(
        "of an origin opens for its pages only; the token of another one stays live",
        arguments: [
            (["origin": "https://app.example"], true), (["origin": "HTTPS://APP.example"], true),
            (["origin": "https://evil.example"], false), (["origin": "null"], false), ([:], false),
            (["sec-fetch-site": "same-origin", "host": "app.example"], true),
            (["sec-fetch-site": "same-origin", "host": "app.example:443"], true),
            (["sec-fetch-site": "same-origin", "host": "evil.example"], false),
            (["sec-fetch-site": "cross-site", "host": "app.example"], false), (["host": "app.example"], false),
        ]
    )
    func origins(headers: [String: String], opens: Bool) async throws {
        let fixture = try await AdmitFixture(credits: 1)
        let token = try await fixture.mint(#"{"origins":["https://app.example"],"user":"u"}"#)
        var question = AdmitFixture.question("/?token=\(token)")
        for (name, value) in headers {
            question.headers[Headers.Name(lowercasedToken: name)] = Headers.Value(valid: value)
        }
        try await expect(fixture.answer(question), is: opens ? "204" : "403 origin_not_allowed")
        await expect(fixture.state(token), is: opens ? "used" : "live")
        await expect(fixture.counts, is: [opens ? 0 : 1, 0, 0])
        let refusal = await fixture.store.inspect(try #require(StreamToken(token))).refusal?.reason
        #expect(refusal == (opens ? nil : .originNotAllowed))
    }

    @Test("of an origin opens for a page of the same host, in the header that names it")
    func hostField() async throws {
        let fixture = try await AdmitFixture { $0.hostField = "x-forwarded-host" }
        let policy = #"{"origins":["https://app.example"]}"#
        for (host, named, opens) in [("127.0.0.1", "app.example", true), ("app.example", "evil.example", false)] {
            let token = try await fixture.mint(policy)
            let headers: Headers = [
                "sec-fetch-site": "same-origin", .host: Headers.Value(valid: host),
                "x-forwarded-host": Headers.Value(valid: named),
            ]
            let question = AdmitFixture.question("/?token=\(token)", headers)
            try await expect(fixture.answer(question), is: opens ? "204" : "403 origin_not_allowed", "\(named)")
            await expect(fixture.state(token), is: opens ? "used" : "live", "\(named)")
        }
    }

    @Test(
        "of workflows opens these only, by the path of the request or by the proxy's header",
        arguments: [
            ("/ws/chat", nil, true), ("/ws/report", nil, true), ("/ws/other", nil, false), ("/ws/chat/", nil, false),
            ("/ws/../ws/chat", nil, false), ("/ws/%63hat", nil, false), ("/", nil, false),
            ("/ws/other", "chat", true), ("/ws/chat", "other", false), ("/ws/chat", "", false),
        ] as [(String, Headers.Value?, Bool)]
    )
    func workflows(path: String, header: Headers.Value?, opens: Bool) async throws {
        let fixture = try await AdmitFixture { options in
            options.workflowPath = WorkflowPath("/ws/{workflow}")
            if header != nil { options.workflowField = "x-workflow" }
        }
        let token = try await fixture.mint(#"{"workflows":["chat","report"]}"#)
        // Without the setting, the header is the client's.
        let question = AdmitFixture.question("\(path)?token=\(token)", ["x-workflow": header ?? "chat"])
        try await expect(fixture.answer(question), is: opens ? "204" : "403 workflow_not_allowed")
        await expect(fixture.state(token), is: opens ? "used" : "live")
    }

    @Test("of workflows opens nothing if the function is not told where the workflow stands")
    func noWorkflow() async throws {
        let fixture = try await AdmitFixture()
        let token = try await fixture.mint(#"{"workflows":["chat"]}"#)
        try await expect(
            fixture.answer(AdmitFixture.question("/ws/chat?token=\(token)", ["x-workflow": "chat"])),
            is: "403 workflow_not_allowed"
        )
        await expect(fixture.state(token), is: "live")
    }

    @Test("gives a repeated question the same answer")
    func repeated() async throws {
        let fixture = try await AdmitFixture(credits: 3) { $0.secret = ProxySecret(AdmitFixture.secret) }
        let token = try await fixture.mint(#"{"user":"u","origins":["https://app.example"]}"#)
        var question = AdmitFixture.question("/?token=\(token)", id: "7f3a")
        for _ in 0..<2 { try await expect(fixture.answer(question), is: "403 origin_not_allowed") }
        question.headers[.origin] = "https://app.example"
        for _ in 0..<3 {
            let response = await fixture.ask(question)
            #expect(response.status == .noContent)
            #expect(response.headers["x-user"] == "u")
        }
        await expect(fixture.counts, is: [2, 0, 0])
    }
}
