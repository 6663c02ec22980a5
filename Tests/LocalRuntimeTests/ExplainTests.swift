import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

@Suite("Explain")
struct ExplainTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let given = #"{"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}]}]},"status":200}"#

    private func explain(_ event: String, _ expectation: String? = nil) async throws -> (ExitCode, String, String) {
        let folder = try TemporaryFolder()
        try folder.write("a.json", event)
        if let expectation { try folder.write("a.expect.json", expectation) }
        let captured = CapturedConsole()
        let code = try await captured.run(["explain", folder.path + "/a"])
        func relative(_ text: String) -> String { text.split(separator: folder.path + "/").joined() }
        return (code, relative(captured.output), relative(captured.messages))
    }

    @Test(
        "the kind of an event is printed with the members that show it",
        arguments: [
            (#"{"path":"/"}"#, "the short form", "none of the members of AWS' events"),
            (
                #"{"version":"2.0","rawPath":"/","requestContext":{"domainName":"a.lambda-url.eu.on.aws","http":{"method":"GET"}}}"#,
                "a function URL's event (payload format 2.0)", "#/requestContext/domainName has .lambda-url. in it"
            ),
            (
                #"{"version":"2.0","rawPath":"/","requestContext":{"domainName":"a.execute-api.eu","http":{"method":"GET"}}}"#,
                "an HTTP API's event (payload format 2.0)",
                "#/requestContext/domainName does not have .lambda-url. in it"
            ),
            (
                #"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}"#,
                "an HTTP API's or a function URL's event (payload format 2.0)", "#/version is \"2.0\""
            ),
            (
                #"{"resource":"/","path":"/","httpMethod":"GET"}"#, "a REST API's event",
                "#/httpMethod and #/resource are there"
            ),
            (
                #"{"version":"1.0","resource":"/","path":"/","httpMethod":"GET"}"#,
                "an HTTP API's event (payload format 1.0)", "#/version is \"1.0\""
            ),
            (
                #"{"requestContext":{"elb":{}},"path":"/","httpMethod":"GET"}"#,
                "a load balancer's event, multi-value headers off", "#/multiValueHeaders is not"
            ),
            (
                #"{"requestContext":{"elb":{}},"path":"/","httpMethod":"GET","multiValueHeaders":{}}"#,
                "a load balancer's event, multi-value headers on", "#/multiValueHeaders is an object"
            ),
        ]
    )
    func kinds(event: String, kind: String, reason: String) async throws {
        let (code, output, _) = try await explain(event)
        #expect(code == .success)
        #expect(output.hasPrefix("Kind: \(kind)\n"))
        #expect(output.contains(reason))
    }

    @Test("an event in the short form is explained from request to response, without secrets")
    func short() async throws {
        let (code, output, messages) = try await explain(
            #"{"path":"/api/v1/token","query":"ttl=6%30&x","headers":{"Authorization":"Bearer \#(Self.key)"}}"#,
            Self.given
        )
        #expect(code == .success)
        #expect(messages == "")
        let token = try #require(output.firstMatch(of: /"pub_tok_Fixed1…"/))
        #expect(
            output.replacing(token.output, with: "TOKEN") == """
                Kind: the short form
                  it has none of the members of AWS' events: version, requestContext, httpMethod, resource

                Request: GET /api/v1/token
                  ?ttl            60
                  ?x
                  authorization:  Bearer sk_Fixed1…

                Body
                  no body

                Function: token
                  the store in memory holds what a.expect.json gives

                Response: in the form of HTTP
                HTTP/1.1 200 OK
                content-type: application/json
                cache-control: no-store
                x-content-type-options: nosniff
                referrer-policy: no-referrer
                x-ratelimit-limit: 10
                x-ratelimit-remaining: 9

                {
                  "success": true,
                  "token": TOKEN,
                  "ttl": 60
                }

                """
        )
    }

    @Test("the response to an event of AWS is JSON in its platform's form")
    func platform() async throws {
        let (_, output, _) = try await explain(
            """
            {"requestContext":{"elb":{}},"path":"/api/v1/token","httpMethod":"GET","multiValueHeaders":{"a":["1","2"]}}
            """
        )
        #expect(output.contains("  a:  1\n  a:  2\n"))
        #expect(output.contains("  the store in memory holds nothing\n  its reason: no key given\n"))
        #expect(output.contains("Response: 401, in the platform's form\n{\n  \"statusCode\": 401,\n"))
        #expect(output.contains("\n    \"www-authenticate\": [\n      \"Bearer\"\n    ]\n"))
        #expect(output.hasSuffix("\n  \"isBase64Encoded\": false\n}\n"))
    }

    @Test("a body that breaks off is reported, and is a 502 on a platform that buffers responses")
    func brokenOff() async throws {
        let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
        let expectation = #"""
            {"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(Self.key)"}],"tokens":[{"token":"\#(token)"}]}],
             "workflow":{"output":["so far"],"fails":"unavailable"}},"status":200}
            """#
        let (_, short, _) = try await explain(
            #"{"method":"POST","path":"/api/v1/run/chat/stream","query":"token=\#(token)"}"#,
            expectation
        )
        #expect(short.contains("Function: stream\n"))
        #expect(short.contains("  ?token  pub_tok_Fixed1…\n"))
        #expect(short.contains("Response: in the form of HTTP; its body broke off\nHTTP/1.1 200 OK\n"))
        #expect(short.hasSuffix("\n\nso far\n"))
        let (_, platforms, _) = try await explain(
            #"""
            {"version":"2.0","rawPath":"/api/v1/run/chat/stream","rawQueryString":"token=\#(token)",
             "requestContext":{"http":{"method":"POST"}}}
            """#,
            expectation
        )
        #expect(platforms.contains("Response: 502, in the platform's form\n"))
        #expect(platforms.contains("  its reason: the body was broken off\n"))
    }

    @Test("a path that no function serves is explained")
    func nobody() async throws {
        let (code, output, _) = try await explain(#"{"path":"/nowhere"}"#)
        #expect(code == .success)
        #expect(output.contains("Function: none serves this path\n"))
        #expect(output.contains("\nHTTP/1.1 404 Not Found\n"))
    }

    @Test(
        "a body is shown as JSON, as text, or by its size",
        arguments: [
            (#""{\"b\":[1,{}]}""#, "  {\n    \"b\": [\n      1,\n      {}\n    ]\n  }\n"), (#""a\nb""#, "  a\n  b\n"),
            (#"{"base64":"/w=="}"#, "  1 byte, not text\n"),
            (#"{"repeat":"a","times":5000}"#, "a…\n  (5000 bytes in all)\n"),
        ]
    )
    func bodies(body: String, shown: String) async throws {
        let (_, output, _) = try await explain(#"{"method":"POST","path":"/","body":\#(body)}"#)
        #expect(output.contains(shown))
    }

    @Test("secrets and control characters are not shown, wherever they are")
    func secrets() async throws {
        let escape = #"\u001b[31m"#
        let (_, output, _) = try await explain(
            #"""
            {"path":"/api/v1/%73\#(Self.key.dropFirst())","query":"%73\#(Self.key.dropFirst())=\#(Self.key)",
             "headers":{"authorization":["Basic dXNlcjpwYXNz","hunter2"],"cookie":"session=hunter2; b=hunter2",
                        "x":"\#(Self.key)"},
             "body":"\#(escape) \#(Self.key)"}
            """#
        )
        #expect(!output.contains("theOnlySecret"))
        #expect(!output.contains("dXNlcjpwYXNz") && !output.contains("hunter2"))
        #expect(output.contains("authorization:") && output.contains("Basic …") && output.contains("session=…; b=…"))
        #expect(!output.unicodeScalars.contains("\u{1B}"))
        #expect(output.contains(#"\u{1B}[31m sk_Fixed1…"#))
    }

    @Test(
        "an unreadable event is an error with its place, exit code 2",
        arguments: [
            ("{\n]", "local-runtime: a.json:2:1: "), (#"{"path":1}"#, "local-runtime: a.json#/path: "),
            (#"{"version":"2.0","rawPath":"a"}"#, "local-runtime: a.json#/rawPath: "),
        ]
    )
    func unreadable(event: String, message: String) async throws {
        let (code, output, messages) = try await explain(event)
        #expect(code == .unreadableFixture)
        #expect(output == "")
        #expect(messages.hasPrefix(message))
    }

    @Test("an unreadable expectation beside the event is an error, exit code 2")
    func unreadableExpectation() async throws {
        let (code, _, messages) = try await explain(#"{"path":"/"}"#, #"{"status":200,"given":1}"#)
        #expect(code == .unreadableFixture)
        #expect(messages.hasPrefix("local-runtime: a.expect.json#/given: "))
    }

    @Test(
        "files that are not events are refused",
        arguments: [
            ("/nowhere/a.expect.json", "is an expectation, not an event; give /nowhere/a.json"),
            ("/nowhere/a.scenario.json", "cannot be read: No such file or directory"),
            ("/nowhere/b", "no such event, nor /nowhere/b.json or /nowhere/b.scenario.json"),
            ("/", "is a folder; name one event, or run local-runtime replay for all"),
        ]
    )
    func otherFiles(file: String, message: String) async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["explain", file]), is: .unreadableFixture)
        #expect(captured.messages == "local-runtime: \(file): \(message)\n")
    }

    @Test("an event is read from standard input, up to the size limit of events")
    func standardInput() async throws {
        let captured = CapturedConsole(input: #"{"path":"/api/v1/token"}"#)
        try await expect(captured.run(["explain", "-"]), is: .success)
        #expect(captured.output.contains("Function: token\n"))
        let long = CapturedConsole(input: String(repeating: " ", count: 7 << 20))
        try await expect(long.run(["explain", "-"]), is: .unreadableFixture)
        #expect(long.messages == "local-runtime: standard input: longer than 6291456 bytes\n")
    }
}
