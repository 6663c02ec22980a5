import FunctionCore
import StreamTokens
import StreamTokensStreamFunction
import Support
import Testing

@Suite("Pages of other origins")
struct CrossOriginTests {
    private static let origin: Headers.Value = "https://app.example"

    private static func options(_ origins: String) throws -> StreamOptions {
        var options = StreamOptions()
        options.allowedOrigins = try AllowedOrigins(origins)
        return options
    }

    @Test("an origin that is not allowed spends nothing")
    func notAllowed() async throws {
        let fixture = try await StreamFixture(options: Self.options("https://app.example, http://localhost:3000"))
        let token = try await fixture.mint()
        for origin in ["https://other.example", "http://app.example", "https://app.example:8443", "null"] {
            var request = StreamFixture.post(token)
            request.headers[.origin] = Headers.Value(origin)
            let answer = await fixture.ask(request)
            #expect(answer.status == 403)
            #expect(answer.code == "origin_not_allowed")
            #expect(answer.headers["access-control-allow-origin"] == nil)
            #expect(answer.headers["vary"] == "origin")
        }
        #expect(try await fixture.isLive(token))
        var request = StreamFixture.post(token)
        request.headers[.origin] = Self.origin
        let answer = await fixture.ask(request)
        #expect(answer.status == 200)
        #expect(answer.headers["access-control-allow-origin"] == Self.origin)
    }

    @Test("what is no page's goes on without an origin")
    func noOrigin() async throws {
        let fixture = try await StreamFixture(options: Self.options("https://app.example"))
        #expect(await fixture.ask(StreamFixture.post(try await fixture.mint())).status == 200)
    }

    @Test("errors can be read by the page, those of the HTTP layer too")
    func errors() async throws {
        let fixture = try await StreamFixture(options: Self.options("https://app.example"))
        let request = StreamFixture.post(nil, headers: [.origin: Self.origin])
        for response in [
            await fixture.function.handle(request),
            fixture.function.errorResponse(.requestTimeout, request),
        ] {
            #expect(response.headers["access-control-allow-origin"] == Self.origin)
            #expect(response.headers["access-control-expose-headers"] == "x-request-id, retry-after")
        }
        let unread = fixture.function.errorResponse(.badRequest, nil)
        #expect(unread.headers["access-control-allow-origin"] == nil)
    }

    @Test("a preflight is answered, and may be kept")
    func preflight() async throws {
        let fixture = try await StreamFixture(options: Self.options("https://app.example"))
        var request = StreamFixture.post(
            nil,
            headers: [.origin: Self.origin, "access-control-request-method": "POST"]
        )
        request.method = .options
        let answer = await fixture.ask(request)
        #expect(answer.status == 204)
        #expect(answer.headers["access-control-allow-origin"] == Self.origin)
        #expect(answer.headers["access-control-allow-methods"] == "GET, POST")
        #expect(answer.headers["access-control-allow-headers"]?.string.contains("authorization") == true)
        #expect(answer.headers["access-control-max-age"] == "7200")
        #expect(answer.headers.values(of: .vary) == ["origin, access-control-request-headers"])

        request.headers[.origin] = "https://other.example"
        let refused = await fixture.ask(request)
        #expect(refused.headers["access-control-allow-origin"] == nil)
        #expect(refused.headers["access-control-allow-methods"] == nil)
        #expect(refused.headers.values(of: .vary) == ["origin"])
    }

    @Test(
        "a preflight allows the fields that it asks for, whatever tracing adds",
        arguments: [
            (["content-type"], "content-type"), (["X-Datadog-Trace-Id"], "x-datadog-trace-id"),
            (["baggage,sentry-trace,traceparent,tracestate"], "baggage, sentry-trace, traceparent, tracestate"),
            ([" a ,\t,b ", "c"], "a, b, c"),
            ([String(repeating: "a", count: 4094)], String(repeating: "a", count: 4094)),
        ]
    )
    func preflightFields(asked: [String], allowed: String) async throws {
        let answer = try await preflight(asked)
        #expect(answer.status == 204)
        #expect(answer.headers["access-control-allow-headers"]?.string == allowed)
        #expect(answer.headers[.vary] == "access-control-request-headers")
    }

    @Test(
        "a preflight that asks for what is no field name, or for too many, or for none, is allowed the usual ones",
        arguments: [
            [], [""], [","], ["a b"], ["content-type, x:y"], ["x\u{e9}"], [String(repeating: "a", count: 4095)],
            Array(repeating: String(repeating: "a,", count: 100), count: 20),
        ]
    )
    func preflightOddFields(asked: [String]) async throws {
        let allowed = try await preflight(asked).headers["access-control-allow-headers"]?.string
        #expect(allowed?.hasPrefix("authorization, content-type, ") == true)
        #expect(allowed?.hasSuffix(", traceparent, tracestate, baggage") == true)
    }

    private func preflight(_ asked: [String]) async throws -> Answer {
        var request = StreamFixture.post(
            nil,
            headers: [.origin: Self.origin, "access-control-request-method": "POST"]
        )
        request.method = .options
        for value in asked {
            request.headers.append("access-control-request-headers", Headers.Value(valid: value))
        }
        return await (try StreamFixture()).ask(request)
    }
}
