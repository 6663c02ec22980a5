import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensAdmitFunction
import StreamTokensRedemption
import Support
import Testing

@Suite("The admit function")
struct AdmitFunctionTests {
    @Test("lets a request with a live token through once, and charges a credit")
    func once() async throws {
        let fixture = try await AdmitFixture(credits: 2)
        let token = try await fixture.mint()
        let question = AdmitFixture.question("/events?a=b&token=\(token)")
        let response = await fixture.ask(question)
        #expect(response.status == .noContent)
        #expect(response.headers["x-organization"] == "acme & s%C3%B6hne")
        #expect(response.headers["x-token-id"]?.string == StreamToken(token)?.id)
        // Empty ones replace those of the client.
        for name in ["x-user", "x-variables", "x-max-seconds"] as [Headers.Name] {
            #expect(response.headers[name] == "", "\(name)")
        }
        #expect(response.headers[.contentType] == nil)
        await expect(fixture.counts, is: [1, 0, 0])
        try await expect(fixture.answer(question), is: "401 invalid_token")
        await expect(fixture.counts, is: [1, 0, 0])
    }

    @Test("serves its path and those below it, asked for by any method")
    func path() async throws {
        let fixture = try await AdmitFixture()
        for (path, isServed) in [
            ("/api/v1/admit", true), ("/api/v1/admit/", true), ("/api/v1/admit/events/chat", true),
            ("/api/v1/admitted", false), ("/api/v1", false), ("/", false), ("/x/api/v1/admit", false),
        ] {
            #expect(AdmitFunction.serves(path) == isServed, "\(path)")
            for method in [Method.get, .post, .put, .delete] {
                var question = AdmitFixture.question("/?token=\(try await fixture.mint())")
                (question.path, question.method) = (path, method)
                try await expect(fixture.answer(question), is: isServed ? "204" : "404 not_found", "\(method) \(path)")
            }
        }
    }

    @Test("finds the token in the query, in Authorization, and in a WebSocket's subprotocols")
    func places() async throws {
        let fixture = try await AdmitFixture()
        for place in 0..<8 {
            let token = try await fixture.mint()
            var question = AdmitFixture.question("/ws")
            switch place {
            case 0: question = AdmitFixture.question("/ws?token=\(token)")
            case 1: question = AdmitFixture.question("/ws?x=%26token=1&token=\(token)&token=\(token)#token=x")
            case 2: question.headers[.authorization] = Headers.Value(valid: "Bearer \(token)")
            case 3: question.headers["sec-websocket-protocol"] = Headers.Value(valid: "chat, stream-token.\(token)")
            case 4: question.headers["sec-websocket-protocol"] = Headers.Value(valid: "stream-token.\(token),v2.chat")
            case 5:
                question.headers.append("sec-websocket-protocol", "chat")
                question.headers.append("sec-websocket-protocol", Headers.Value(valid: "stream-token.\(token)"))
            case 6:
                // A credential of another form is somebody else's.
                question = AdmitFixture.question("/ws?token=\(token)")
                question.headers[.authorization] = "Bearer eyJhbGciOiJIUzI1NiJ9"
            default:
                question = AdmitFixture.question("/ws?token=\(token)")
                question.headers[.authorization] = Headers.Value(valid: "Bearer \(token)")
                question.headers["sec-websocket-protocol"] = Headers.Value(valid: "stream-token.\(token)")
            }
            try await expect(fixture.answer(question), is: "204", "place \(place)")
            await expect(fixture.state(token), is: "used", "place \(place)")
        }
    }

    @Test("refuses two tokens that differ, wherever they are, and uses neither")
    func twoTokens() async throws {
        let fixture = try await AdmitFixture()
        let (one, other) = (try await fixture.mint(), try await fixture.mint())
        let (bearer, protocols) = ("Bearer \(other)", "chat, stream-token.\(other)")
        for (uri, headers) in [
            ("/?token=\(one)&token=\(other)", [:]),
            ("/?token=\(one)", [.authorization: Headers.Value(valid: bearer)]),
            ("/?token=\(one)", ["sec-websocket-protocol": Headers.Value(valid: protocols)]),
            ("/", [.authorization: Headers.Value(valid: "Bearer \(one), \(bearer)")]),
            (
                "/",
                [
                    .authorization: Headers.Value(valid: "Bearer \(one)"),
                    "sec-websocket-protocol": Headers.Value(valid: protocols),
                ]
            ),
        ] as [(String, Headers)] {
            try await expect(fixture.answer(AdmitFixture.question(uri, headers)), is: "401 invalid_token", "\(uri)")
        }
        await expect(fixture.state(one), is: "live")
        await expect(fixture.state(other), is: "live")
    }

    @Test("takes no token from a place where it does not belong")
    func wrongPlaces() async throws {
        let fixture = try await AdmitFixture()
        let token = try await fixture.mint()
        for (uri, headers) in [
            ("/\(token)", [:]), ("/token=\(token)", [:]), ("/?tokens=\(token)", [:]), ("/?Token=\(token)", [:]),
            ("/#?token=\(token)", [:]),
            // The proxy could not remove these.
            ("/?%74oken=\(token)", [:]), ("/?token=%70\(token.dropFirst())", [:]),
            ("/?token=\(token)%00", [:]), ("/?token=+\(token)", [:]),
            ("/", ["cookie": Headers.Value(valid: "token=\(token)")]),
            ("/", ["x-token": Headers.Value(valid: token)]),
            ("/", ["sec-websocket-protocol": Headers.Value(valid: token)]),
            ("/", ["sec-websocket-protocol": Headers.Value(valid: "Stream-Token.\(token)")]),
            ("/", [.authorization: Headers.Value(valid: "Basic \(token)")]),
            // Other headers that name a URI are the client's.
            ("/", ["x-forwarded-uri": Headers.Value(valid: "/?token=\(token)")]),
            ("/", ["x-rewrite-url": Headers.Value(valid: "/?token=\(token)")]),
        ] as [(String, Headers)] {
            try await expect(fixture.answer(AdmitFixture.question(uri, headers)), is: "401 invalid_token", "\(uri)")
        }
        var own = AdmitFixture.question("/")
        own.query = "token=\(token)"
        try await expect(fixture.answer(own), is: "401 invalid_token")
        await expect(fixture.state(token), is: "live")
    }

    @Test("a HEAD, an OPTIONS and a prefetch use no token", arguments: ["HEAD", "OPTIONS", "GET"])
    func opensNothing(method: String) async throws {
        let fixture = try await AdmitFixture(credits: 1)
        let token = try await fixture.mint()
        var question = AdmitFixture.question("/?token=\(token)", method: method)
        if method == "GET" {
            for purpose in ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"] {
                question.headers["sec-purpose"] = Headers.Value(valid: purpose)
                try await expect(fixture.answer(question), is: "403 prefetch")
            }
        } else {
            try await expect(fixture.answer(question), is: "405 method_not_allowed")
            // A proxy may ask with the method of the request, and not name it.
            question.headers["x-original-method"] = nil
            question.method = try #require(Method(method))
            try await expect(fixture.answer(question), is: "405 method_not_allowed")
        }
        await expect(fixture.state(token), is: "live")
        await expect(fixture.counts, is: [1, 0, 0])
    }

    @Test("a field that names the original request is refused if it is there twice: one may be the client's")
    func repeatedFields() async throws {
        let fixture = try await AdmitFixture { $0.workflowField = "x-workflow" }
        let token = try await fixture.mint()
        for name in ["x-original-uri", "x-original-method", "x-workflow", .host] as [Headers.Name] {
            var question = AdmitFixture.question("/?token=\(token)")
            question.headers["x-workflow"] = "chat"
            question.headers[.host] = "app.example"
            question.headers.append(name, question.headers[name] ?? "")
            let response = await fixture.ask(question)
            #expect(response.status == .badRequest, "\(name)")
            #expect(response.cause?.contains(name.string) == true)
        }
        await expect(fixture.state(token), is: "live")
    }

    @Test("where the platform joins fields, a comma in one that names the original request is refused")
    func joinedFields() async throws {
        let fixture = try await AdmitFixture { $0.workflowField = "x-workflow" }
        let token = try await fixture.mint()
        for (name, value) in [
            // The client's first, then the proxy's; and the other way round.
            ("x-original-uri", "/allowed?token=\(token)&a=, /forbidden"),
            ("x-original-uri", "/forbidden,?token=\(token)"),
            ("x-original-method", "GET, HEAD"), ("x-workflow", "chat,other"),
        ] as [(Headers.Name, String)] {
            var question = AdmitFixture.question("/?token=\(token)")
            question.headers["x-workflow"] = "chat"
            question.headers[name] = Headers.Value(valid: value)
            question.hasJoinedFields = true
            try await expect(fixture.answer(question), is: "400 bad_request", "\(value)")
        }
        await expect(fixture.state(token), is: "live")
        // Elsewhere a comma is one of the URI's.
        try await expect(fixture.answer(AdmitFixture.question("/?a=1,2&token=\(token)")), is: "204")
    }

    @Test("the field that names the URI can be chosen, and then it is the only one")
    func chosenField() async throws {
        let fixture = try await AdmitFixture { $0.uriField = "x-forwarded-uri" }
        let (token, spoofed) = (try await fixture.mint(), try await fixture.mint())
        var question = AdmitFixture.question("/?token=\(spoofed)")
        question.headers["x-forwarded-uri"] = Headers.Value(valid: "/?token=\(token)")
        try await expect(fixture.answer(question), is: "204")
        await expect(fixture.state(token), is: "used")
        await expect(fixture.state(spoofed), is: "live")
    }

    @Test("reports what the proxy should send and does not")
    func proxyFaults() async throws {
        let fixture = try await AdmitFixture { $0.secret = ProxySecret(AdmitFixture.secret) }
        let token = try await fixture.mint()
        let request = Request(
            path: AdmitFunction.path,
            headers: [.authorization: Headers.Value(valid: "Bearer \(token)")]
        )
        try await expect(fixture.answer(request), is: "204")
        let faults = fixture.events.withLock { events in
            events.compactMap { if case .proxyFault(let fault) = $0.kind { fault } else { nil } }
        }
        #expect(faults == [.missing("x-original-uri"), .missing("x-original-method"), .wrongSecret])
        #expect(!faults.description.contains(AdmitFixture.secret))
    }

    @Test(
        "an origin that ALLOWED_ORIGINS lacks is refused before the token is looked at, and no page reads it",
        arguments: ["https://app.example", "https://evil.example", nil]
    )
    func origins(origin: String?) async throws {
        let fixture = try await AdmitFixture { $0.allowedOrigins = try .init("https://app.example") }
        let token = try await fixture.mint()
        var question = AdmitFixture.question("/?token=\(token)")
        question.headers[.origin] = origin.map { Headers.Value(valid: $0) }
        let isAllowed = origin != "https://evil.example"
        try await expect(fixture.answer(question), is: isAllowed ? "204" : "403 origin_not_allowed")
        await expect(fixture.state(token), is: isAllowed ? "used" : "live")
        let refusal = await fixture.ask(
            AdmitFixture.question("/", origin.map { [.origin: Headers.Value(valid: $0)] } ?? [:])
        )
        #expect(refusal.headers["access-control-allow-origin"]?.string == (isAllowed ? origin : nil))
        #expect(refusal.headers[.vary] == "origin")
    }

    @Test("a refusal has the status and the text of the stream function")
    func refusals() async throws {
        let fixture = try await AdmitFixture(credits: 1)
        let (used, held, spare) = (try await fixture.mint(), try await fixture.mint(), try await fixture.mint())
        func question(_ token: String) -> Request { AdmitFixture.question("/?token=\(token)") }
        _ = await fixture.store.setMaxStreams(1, of: AdmitFixture.organization)
        _ = await fixture.store.reserve(try #require(StreamToken(held)), for: .random { 1 }, lease: 1000)
        try await expect(fixture.answer(question(spare)), is: "402 invalid_billing")
        let inUse = await fixture.ask(question(held))
        #expect(inUse.status == .conflict)
        #expect(inUse.headers[.retryAfter] == "1")
        fixture.time.advance(1000)
        try await expect(fixture.answer(question(used)), is: "204")
        try await expect(fixture.answer(question(used)), is: "401 invalid_token")
        try await expect(fixture.answer(AdmitFixture.question("/")), is: "401 invalid_token")
        try await expect(fixture.answer(question("pub_tok_x")), is: "401 invalid_token")
        let unauthorized = await fixture.ask(question(used))
        #expect(unauthorized.headers[.wwwAuthenticate] == #"Bearer error="invalid_token""#)
        #expect(unauthorized.cause == "used token")
    }

    @Test("for nginx every refusal is 401 or 403, with its code in a header")
    func nginx() async throws {
        let fixture = try await AdmitFixture(credits: 0) { $0.refusesAs = .nginx }
        let token = "pub_tok_x"
        let unauthorized = await fixture.ask(AdmitFixture.question("/?token=\(token)"))
        #expect(unauthorized.status == .unauthorized)
        #expect(unauthorized.headers["x-error-code"] == "invalid_token")
        let head = await fixture.ask(AdmitFixture.question("/", method: "HEAD"))
        #expect(head.status == .forbidden)
        #expect(head.headers["x-error-code"] == "method_not_allowed")
        let overloaded = fixture.function.errorResponse(.overloaded, nil)
        #expect(overloaded.status == .forbidden)
        #expect(overloaded.headers["x-error-code"] == "overloaded")
        #expect(overloaded.headers[.retryAfter] == "1")
    }

    @Test("the events of a request have its outcome, the request and its token")
    func events() async throws {
        let fixture = try await AdmitFixture { $0.workflowPath = WorkflowPath("/ws/{workflow}") }
        let token = try await fixture.mint()
        for uri in ["/ws/chat?token=\(token)", "/ws/chat?token=\(token)", "/ws/a.b", "/ws/chat?token=pub_tok_x"] {
            _ = await fixture.ask(AdmitFixture.question(uri))
        }
        let events = fixture.events.withLock { $0 }
        #expect(events.allSatisfy { $0.origin.requestID == "request" && $0.origin.traceID.utf8.count == 32 })
        #expect(events.map(\.origin.workflow) == ["chat", "chat", nil, "chat"])
        let words = events.map { event in
            switch event.kind {
            case .admitted(let reservation): "admitted \(reservation.stream.token.id)"
            case .refused(let refusal, let token, _): "\(refusal.rawValue) \(token?.id ?? "-")"
            case .unsettled, .released, .proxyFault: "unexpected"
            }
        }
        let id = try #require(StreamToken(token)).id
        #expect(words == ["admitted \(id)", "invalid_token \(id)", "no_token -", "unusable_token -"])
        for event in events {
            if case .refused(let refusal, _, _) = event.kind { #expect(AdmitEvent.refusals.contains(refusal)) }
        }
    }
}
