import FunctionCore
import StreamTokens
import StreamTokensRedemption
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

    @Test("from an origin that is not allowed use no token")
    func notAllowed() async throws {
        let fixture = try await StreamFixture(options: Self.options("https://app.example, http://localhost:3000"))
        let token = try await fixture.mint()
        for origin in ["https://other.example", "http://app.example", "https://app.example:8443", "null"] {
            var request = StreamFixture.post(token)
            request.headers[.origin] = Headers.Value(origin)
            let response = await fixture.ask(request)
            #expect(response.status == 403)
            #expect(response.code == "origin_not_allowed")
            #expect(response.headers["access-control-allow-origin"] == nil)
            #expect(response.headers["vary"] == "origin")
        }
        #expect(try await fixture.isLive(token))
        var request = StreamFixture.post(token)
        request.headers[.origin] = Self.origin
        let response = await fixture.ask(request)
        #expect(response.status == 200)
        #expect(response.headers["access-control-allow-origin"] == Self.origin)
    }

    @Test("do not include a request without an origin")
    func noOrigin() async throws {
        let fixture = try await StreamFixture(options: Self.options("https://app.example"))
        try await expect(fixture.ask(StreamFixture.post(fixture.mint())).status, is: 200)
    }

    @Test("can read errors, also those of the HTTP layer")
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

    @Test("get a response to their preflight that browsers may cache")
    func preflight() async throws {
        let fixture = try await StreamFixture(options: Self.options("https://app.example"))
        var request = StreamFixture.post(
            nil,
            headers: [.origin: Self.origin, "access-control-request-method": "POST"]
        )
        request.method = .options
        let response = await fixture.ask(request)
        #expect(response.status == 204)
        #expect(response.headers["access-control-allow-origin"] == Self.origin)
        #expect(response.headers["access-control-allow-methods"] == "GET, POST")
        #expect(response.headers["access-control-allow-headers"]?.string.contains("authorization") == true)
        #expect(response.headers["access-control-max-age"] == "7200")
        #expect(response.headers.values(of: .vary) == ["origin, access-control-request-headers"])

        request.headers[.origin] = "https://other.example"
        let refused = await fixture.ask(request)
        #expect(refused.headers["access-control-allow-origin"] == nil)
        #expect(refused.headers["access-control-allow-methods"] == nil)
        #expect(refused.headers.values(of: .vary) == ["origin"])
    }

    @Test(
        "may send the fields that their preflight asks for, such as those of tracing",
        arguments: [
            (["content-type"], "content-type"), (["X-Datadog-Trace-Id"], "x-datadog-trace-id"),
            (["baggage,sentry-trace,traceparent,tracestate"], "baggage, sentry-trace, traceparent, tracestate"),
            ([" a ,\t,b ", "c"], "a, b, c"),
            ([String(repeating: "a", count: 4094)], String(repeating: "a", count: 4094)),
        ]
    )
    func preflightFields(asked: [String], allowed: String) async throws {
        let response = try await preflight(asked)
        #expect(response.status == 204)
        #expect(response.headers["access-control-allow-headers"]?.string == allowed)
        #expect(response.headers[.vary] == "access-control-request-headers")
    }

    @Test(
        "may send the usual fields if their preflight names none, too many, or one that is malformed",
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

    private func preflight(_ asked: [String]) async throws -> CollectedResponse {
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
