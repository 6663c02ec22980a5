import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensRedemption
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("POST /api/v1/run/{workflow_id}/stream")
struct StreamFunctionTests {
    @Test("a token opens the workflow's stream, once")
    func once() async throws {
        let workflow = ScriptedWorkflow("hello ", "world")
        let fixture = try await StreamFixture(workflow, credits: 5)
        let token = try await fixture.mint()

        let first = await fixture.ask(StreamFixture.post(token, #"{"prompt":"hi"}"#))
        #expect(first.status == 200)
        #expect(first.text == "hello world")
        #expect(first.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(first.headers["access-control-allow-origin"] == "*")
        #expect(first.headers[.cacheControl] == "no-store, no-transform")
        let call = try #require(workflow.calls.withLock { $0.first })
        #expect(call.workflow == "chat")
        #expect(call.organization == "acme")
        #expect(call.requestID == "request")
        #expect(String(decoding: call.variablesText, as: UTF8.self) == #"{"prompt":"hi"}"#)
        #expect(call.traceparent.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-00/) != nil)

        let second = await fixture.ask(StreamFixture.post(token))
        #expect(second.status == 401)
        #expect(
            second.text
                == #"{"error":"This stream token is expired, already used or unknown. Mint another one.","success":false,"#
                + #""code":"invalid_token"}"#
        )
        #expect(second.headers[.wwwAuthenticate] == #"Bearer error="invalid_token""#)
        #expect(try await fixture.isUsed(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [4, 0, 0])
        #expect(workflow.calls.withLock { $0.count } == 1)
        #expect(workflow.cancelCount.withLock { $0 } == 1)
    }

    @Test(
        "a workflow's failure becomes the documented response, and the token is not used",
        arguments: [
            (.notFound, 404, "workflow_not_found", nil),
            (.rejected("no prompt"), 422, "workflow_rejected", nil),
            (.busy(retryAfter: nil), 503, "workflow_busy", "1"),
            (.busy(retryAfter: 7), 503, "workflow_busy", "7"),
            (.unavailable("refused"), 502, "workflow_unavailable", nil),
            (.timedOut, 504, "workflow_timeout", nil),
            (.eventTooLarge(limit: 9), 502, "workflow_event_too_large", nil),
        ] as [(WorkflowFailure, Int, String, String?)]
    )
    func workflowFails(failure: WorkflowFailure, status: Int, code: String, retryAfter: String?) async throws {
        let fixture = try await StreamFixture(ScriptedWorkflow(.failure(failure)), credits: 1)
        let token = try await fixture.mint()
        for _ in 0..<2 {
            let response = await fixture.ask(StreamFixture.post(token))
            #expect(response.status == status)
            #expect(response.code == code)
            #expect(response.headers[.retryAfter]?.string == retryAfter)
            #expect(response.headers["access-control-allow-origin"] == "*")
            #expect(try await fixture.isLive(token))
        }
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [1, 0, 0])
    }

    @Test("a variable that the workflow rejects is named in the response, and the reason is not")
    func rejectedVariable() async throws {
        for (variable, text) in [
            (VariableName("prompt"), #"The workflow does not accept the variable \"prompt\"."#),
            (nil, "The workflow does not accept these variables."),
        ] {
            let failure = WorkflowFailure.rejected("a reason", variable: variable)
            let fixture = try await StreamFixture(ScriptedWorkflow(.failure(failure)))
            let response = await fixture.ask(StreamFixture.post(try await fixture.mint()))
            #expect(response.text == #"{"error":"\#(text)","success":false,"code":"workflow_rejected"}"#)
            #expect(response.cause == "a reason")
        }
    }

    @Test("why a token is invalid is told to the operator, and not in the response")
    func invalidTokens() async throws {
        let fixture = try await StreamFixture()
        var texts: Set<String> = []
        var causes: [String?] = []
        let (used, expired, revoked) = (
            try await fixture.mint(), try await fixture.mint(ttl: 1), try await fixture.mint()
        )
        await expect(fixture.ask(StreamFixture.post(used)).status, is: 200)
        _ = await fixture.store.revoke(try #require(StreamToken(revoked)))
        fixture.time.advance(1000)
        for token in [used, expired, revoked, StreamToken.random(tag: Tag.random { 5 }) { 6 }.text] {
            let response = await fixture.ask(StreamFixture.post(token))
            #expect(response.status == 401 && response.code == "invalid_token")
            texts.insert(response.text)
            causes.append(response.cause)
        }
        #expect(texts.count == 1)
        #expect(causes == ["used token", "expired token", "revoked token", "unknown token"])
        let events = fixture.events.withLock { $0 }
        let kept = events.compactMap { if case .refused(.invalidToken, _, let cause) = $0.kind { cause } else { nil } }
        #expect(kept == causes)
    }

    @Test(
        "a name that no workflow can have is not found, and is not percent-decoded",
        arguments: ["", "a/b", "a%2Db", "a.b", "ä", String(repeating: "a", count: 65)]
    )
    func names(name: String) async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        let token = try await fixture.mint()
        let response = await fixture.ask(StreamFixture.post(token, path: "/api/v1/run/\(name)/stream"))
        #expect(response.status == 404)
        #expect(response.code == "workflow_not_found")
        #expect(workflow.calls.withLock { $0.isEmpty })
        #expect(try await fixture.isLive(token))
    }

    @Test(
        "other paths are not found",
        arguments: ["/", "/api/v1/run/stream", "/api/v1/run/a/streams", "/api/v1/token"]
    )
    func paths(path: String) async throws {
        let response = await (try StreamFixture()).ask(StreamFixture.post(nil, path: path))
        #expect(response.status == 404)
        #expect(response.code == "not_found")
    }

    @Test(
        "a path with slashes at its end is not found, and the text names the path without",
        arguments: ["/api/v1/run/chat/stream/", "/api/v1/run/chat/stream//", "/api/v1/run//stream/"]
    )
    func slashBehind(path: String) async throws {
        let response = await (try StreamFixture()).ask(StreamFixture.post(nil, path: path))
        #expect(response.status == 404)
        #expect(response.code == "not_found")
        #expect(response.text.contains("The path is /api/v1/run/{workflow_id}/stream, without a slash at its end."))
        #expect(StreamFunction.serves(path))
    }

    @Test("OPTIONS that is not a preflight gets the methods, and uses no token", arguments: [true, false])
    func options(hasOrigin: Bool) async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        var request = StreamFixture.post(token)
        request.method = .options
        if hasOrigin { request.headers[.origin] = "https://app.example" }
        let response = await fixture.ask(request)
        #expect(response.status == 204)
        #expect(response.headers[.allow] == "GET, POST, OPTIONS")
        #expect(response.headers["access-control-allow-origin"] == "*")
        #expect(response.headers["access-control-allow-methods"] == nil)
        #expect(response.text == "")
        #expect(try await fixture.isLive(token))
    }

    @Test(
        "other methods, and a GET that does not name events, use no token",
        arguments: [
            (.get, nil), (.get, "*/*"), (.get, "text/*"), (.get, "text/event-stream;q=0"), (.get, "text/html"),
            (.get, "text/event-stream;q=0, */*"), (.get, "text/event-stream;q=0.000;x=y"),
            (.get, "x/y;a=\", text/event-stream\""),
            (.head, "text/event-stream"), (.put, nil), (.delete, nil), (.patch, nil),
        ] as [(Method, Headers.Value?)]
    )
    func methods(method: Method, accept: Headers.Value?) async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        var request = StreamFixture.post(token)
        request.method = method
        request.headers[.accept] = accept
        let response = await fixture.ask(request)
        #expect(response.status == 405)
        #expect(response.code == "method_not_allowed")
        #expect(response.text.contains("Accept: text/event-stream"))
        #expect(response.headers[.allow] == "GET, POST, OPTIONS")
        #expect(try await fixture.isLive(token))
    }

    @Test(
        "a POST gets the format of greater weight, and at equal weights events only if they are named",
        arguments: [
            ([], .text), ([""], .text), (["*/*"], .text), (["text/*"], .text), (["application/json"], .text),
            (["text/event-stream"], .events), (["TEXT/Event-Stream ; Q=1"], .events),
            (["text/event-stream, text/plain"], .events), (["text/plain", "text/event-stream"], .events),
            (["text/event-stream;q=0.5, text/plain;q=0.6"], .text),
            (["text/event-stream;q=0.6, text/plain;q=0.5"], .events),
            (["text/event-stream;q=0.5, */*"], .text), (["text/event-stream;q=0.5, */*;q=0.5"], .events),
            (["text/event-stream;q=0.9, text/*;q=0.1, */*"], .events), (["text/plain;q=0.5, */*"], .events),
            (["text/html, application/json;q=0.9, */*;q=0.8"], .text), (["text/html, *; q=.2, */*; q=.2"], .text),
            (["text/event-stream;q=0"], .text), (["text/event-stream;q=0.0001"], .events),
            (["text/event-stream;q=0, */*"], .text), (["text/plain;q=0, text/event-stream;q=0.001"], .events),
            (["text/plain;q=0, */*"], .events),
            (["text/event-stream;charset=utf-8;q=0.5", "text/plain;q=0.4"], .events),
            (["text/event-stream;q=0.2, text/event-stream;q=0.9, text/plain;q=0.5"], .events),
            (["a/b;c=\"d,text/event-stream\""], .text), (["a/b;c=\"\\\",\", text/event-stream"], .events),
            (["text/event-stream;q=two"], .events), (["text/plain;q=, text/event-stream;q=0.9"], .text),
        ] as [([String], Wanted)]
    )
    func accept(values: [String], wanted: Wanted) async throws {
        let fixture = try await StreamFixture()
        var request = StreamFixture.post(try await fixture.mint())
        for value in values { request.headers.append(.accept, try #require(Headers.Value(value))) }
        let response = await fixture.ask(request)
        #expect(response.status == 200)
        #expect(response.headers[.contentType]?.string == wanted.rawValue)
    }

    enum Wanted: String {
        case text = "text/plain; charset=utf-8"
        case events = "text/event-stream"
    }

    @Test(
        "a POST that accepts neither plain text nor events uses no token",
        arguments: [
            "text/plain;q=0", "*/*;q=0", "text/*;q=0.0", "text/plain;q=0, text/event-stream;q=0", "a/b, */*;q=0",
        ]
    )
    func notAcceptable(value: String) async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        let headers: Headers = [.accept: try #require(Headers.Value(value))]
        let response = await fixture.ask(StreamFixture.post(token, headers: headers))
        #expect(response.status == 406)
        #expect(response.code == "not_acceptable")
        #expect(try await fixture.isLive(token))
    }

    @Test("a GET gets events if it names them, even if it prefers plain text")
    func getPrefersText() async throws {
        let fixture = try await StreamFixture()
        for value in ["text/plain, text/event-stream;q=0.1", "*/*, text/event-stream;q=0.001"] {
            var request = StreamFixture.post(try await fixture.mint())
            request.method = .get
            request.headers[.accept] = Headers.Value(value)
            await expect(fixture.ask(request).headers[.contentType], is: "text/event-stream")
        }
    }

    @Test(
        "a token is recognized by its form among a proxy's credentials",
        arguments: [
            ["Basic dXNlcjpwYXNz"], ["Bearer eyJhbGciOiJub25lIn0.e30."], ["Bearer sk_x"],
            ["Digest username=\"a, b\", nc=1"],
            ["Basic dXNlcjpwYXNz", "Bearer x"], ["Basic dXNlcjpwYXNz,Bearer x, Bearer y"],
        ]
    )
    func besideAnother(authorization: [String]) async throws {
        let fixture = try await StreamFixture()
        var request = StreamFixture.post(try await fixture.mint())
        for value in authorization { request.headers.append(.authorization, try #require(Headers.Value(value))) }
        await expect(fixture.ask(request).status, is: 200)

        let token = try await fixture.mint()
        // As a bearer token, in a separate field or in the same one, beside another parameter `token`.
        for apart in [true, false] {
            let all = authorization + ["Bearer \(token)"]
            request = StreamFixture.post("page%20token")
            for value in apart ? all : [all.joined(separator: ",")] {
                request.headers.append(.authorization, try #require(Headers.Value(value)))
            }
            let response = await fixture.ask(request)
            #expect(response.status == (apart ? 200 : 401))
            #expect(response.cause == (apart ? nil : "used token"))
        }
    }

    @Test("a token may come as a bearer token, with the scheme in any case")
    func bearer() async throws {
        let fixture = try await StreamFixture()
        for scheme in ["Bearer", "bearer"] {
            var request = StreamFixture.post(nil)
            request.headers[.authorization] = Headers.Value("\(scheme) \(try await fixture.mint())")
            await expect(fixture.ask(request).status, is: 200)
        }
    }

    @Test("without exactly one well-formed token the response is 401")
    func badTokens() async throws {
        let fixture = try await StreamFixture()
        let (one, other) = (try await fixture.mint(), try await fixture.mint())
        var both = StreamFixture.post(one)
        both.headers[.authorization] = Headers.Value("Bearer \(other)")
        var basic = StreamFixture.post(nil)
        basic.headers[.authorization] = "Basic dXNlcjpwYXNz"
        var key = StreamFixture.post(nil)
        key.headers[.authorization] = Headers.Value("Bearer sk_\(one.dropFirst(8))")
        var twice = StreamFixture.post(nil)
        twice.query = "token=\(one)&token=\(other)"
        for (request, wasGiven) in [
            (StreamFixture.post(nil), false), (StreamFixture.post(""), true), (StreamFixture.post("pub_tok_x"), true),
            (StreamFixture.post(String(one.dropLast())), true), (both, true), (basic, false), (key, true),
            (twice, true),
        ] {
            let response = await fixture.ask(request)
            #expect(response.status == 401)
            #expect(response.code == "invalid_token")
            #expect(response.headers[.wwwAuthenticate] == (wasGiven ? #"Bearer error="invalid_token""# : "Bearer"))
            #expect(response.cause?.contains("pub_tok_") != true)
        }
        #expect(try await fixture.isLive(one))
        #expect(try await fixture.isLive(other))
    }

    @Test(
        "a body that is not a JSON object uses no token",
        arguments: ["[]", "1", "null", "{", "{} {}", #"{"a":1,"a":2}"#, "text", "\u{FEFF}{}"]
    )
    func badBodies(body: String) async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        let response = await fixture.ask(StreamFixture.post(token, body))
        #expect(response.status == 400)
        #expect(response.code == "invalid_body")
        #expect(try await fixture.isLive(token))
    }

    @Test(
        "a problem with variables is told to the client, and their names never to the log",
        arguments: [
            ("{", "Expected a JSON object; at line 1, column 2: expected a member's name in quotation marks."),
            ("[1]", "Expected a JSON object, which an array is not."),
            ("null", "Expected a JSON object, which null is not."),
            ("\"a\"", "Expected a JSON object, which a string is not."),
            (
                "{\n\"caf\u{e9}\":1,\"caf\u{e9}\":2}",
                "Expected a JSON object; at line 2, column 11: the member \"caf\u{e9}\" is there twice."
            ),
            (
                "{\"\(String(repeating: "\u{e9}", count: 33))\":1,\"\(String(repeating: "\u{e9}", count: 33))\":2}",
                "Expected a JSON object; at line 1, column 73: the member \"\(String(repeating: "\u{e9}", count: 32))…\""
                    + " is there twice."
            ),
        ]
    )
    func toldBodies(body: String, text: String) async throws {
        let fixture = try await StreamFixture()
        let response = await fixture.ask(StreamFixture.post(try await fixture.mint(), body))
        #expect(response.cause?.contains("\u{e9}") == false)
        var json = try JSONObject(try JSONReader.read(Array(response.text.utf8)), at: .root)
        try expect(json.string("error"), is: "Invalid variables. " + text)
    }

    @Test("a body over 1 MiB uses no token")
    func largeBody() async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        let response = await fixture.ask(
            StreamFixture.post(token, #"{"a":""# + String(repeating: "a", count: 1 << 20) + #""}"#)
        )
        #expect(response.status == 413)
        #expect(response.code == "body_too_large")
        #expect(try await fixture.isLive(token))
    }

    @Test(
        "each parameter of a GET except the token is a variable",
        arguments: [
            ("", "{}"), ("&a=1&b=x%20y", #"{"a":"1","b":"x y"}"#), ("&variables=%7B%22a%22%3A1%7D", #"{"a":1}"#),
        ]
    )
    func query(rest: String, variables: String) async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        var request = StreamFixture.post(try await fixture.mint())
        request.method = .get
        request.query? += rest
        request.headers[.accept] = "text/event-stream"
        await expect(fixture.ask(request).status, is: 200)
        #expect(workflow.calls.withLock { $0.map { String(decoding: $0.variablesText, as: UTF8.self) } } == [variables])
    }

    @Test(
        "ambiguous variables in a query use no token",
        arguments: ["&a=1&a=2", "&variables=1", "&variables=%7B%7D&a=1"]
    )
    func badQueries(rest: String) async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        var request = StreamFixture.post(token)
        request.method = .get
        request.query? += rest
        request.headers[.accept] = "text/event-stream"
        await expect(fixture.ask(request).code, is: "invalid_body")
        #expect(try await fixture.isLive(token))
    }

    @Test("a token that another attempt holds is in use, and not used up")
    func inUse() async throws {
        let fixture = try await StreamFixture()
        let text = try await fixture.mint()
        let token = try #require(StreamToken(text))
        _ = await fixture.store.reserve(token, for: .random { 7 }, lease: 1000)
        let response = await fixture.ask(StreamFixture.post(text))
        #expect(response.status == 409)
        #expect(response.code == "token_in_use")
        #expect(response.headers[.retryAfter] == "1")
        fixture.time.advance(1000)
        await expect(fixture.ask(StreamFixture.post(text)).status, is: 200)
    }

    @Test("without credits no workflow starts")
    func noCredits() async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow, credits: 1)
        let (one, other) = (try await fixture.mint(), try await fixture.mint())
        await expect(fixture.ask(StreamFixture.post(one)).status, is: 200)
        let response = await fixture.ask(StreamFixture.post(other))
        #expect(response.status == 402)
        #expect(response.code == "invalid_billing")
        #expect(workflow.calls.withLock { $0.count } == 1)
        #expect(try await fixture.isLive(other))
    }

    @Test("an organization cannot have more streams open than its limit")
    func tooManyStreams() async throws {
        let fixture = try await StreamFixture(maxStreams: 0)
        let token = try await fixture.mint()
        let response = await fixture.ask(StreamFixture.post(token))
        #expect(response.status == 429)
        #expect(response.code == "too_many_streams")
        #expect(response.headers[.retryAfter] != nil)
        #expect(try await fixture.isLive(token))
    }

    @Test("an expired token is unauthorized")
    func expired() async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint(ttl: 1)
        fixture.time.advance(1000)
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 401)
    }

    @Test("an empty output of the workflow is a complete stream")
    func empty() async throws {
        let fixture = try await StreamFixture(ScriptedWorkflow(.success([])), credits: 1)
        let token = try await fixture.mint()
        let response = await fixture.ask(StreamFixture.post(token))
        #expect(response.status == 200)
        #expect(response.text == "")
        try await expect(fixture.organization.credits, is: 0)
    }

    @Test("the caller's trace is passed to the workflow if it is valid")
    func trace() async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for value in [
            valid, "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-\(String(repeating: "0", count: 32))-b7ad6b7169203331-01", "x",
        ] {
            let headers: Headers = ["traceparent": try #require(Headers.Value(value))]
            _ = await fixture.ask(StreamFixture.post(try await fixture.mint(), headers: headers))
        }
        let traces = workflow.calls.withLock { $0.map(\.traceparent) }
        #expect(traces.map { $0 == valid } == [true, false, false, false])
    }

    @Test("tracestate is passed on with a valid trace, and not without one")
    func traceState() async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        for traceparent in ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-x"] {
            var request = StreamFixture.post(try await fixture.mint())
            request.headers = [
                .traceparent: try #require(Headers.Value(traceparent)), .tracestate: "a=b", "tracestate": "c=d",
            ]
            await expect(fixture.ask(request).status, is: 200)
        }
        #expect(workflow.calls.withLock { $0.map(\.tracestate) } == ["a=b,c=d", ""])
    }

    @Test("a trace that was made for a request is returned for its log line")
    func tracedResponse() async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow)
        let opened = await fixture.function.handle(StreamFixture.post(try await fixture.mint()))
        let id = try #require(opened.traceID)
        #expect(workflow.calls.withLock { $0.first?.traceparent.contains("-\(id)-") } == true)
        await opened.body.discard()
        let refused = await fixture.function.handle(StreamFixture.post(nil))
        #expect(refused.traceID?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    }
}
