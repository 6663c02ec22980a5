import FunctionCore
import FunctionEventLoop
import LocalRuntimeConsole
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeLambda

@Suite("Access to the Lambda emulator")
struct LambdaAccessTests {
    private static let order = #"{"do":"respond","text":"1"}"#

    @Test("a foreign Host and another site's page are refused before anything runs")
    func refused() async throws {
        try await LambdaHarness.run { lambda in
            for path in ["/2015-03-31/functions/function/invocations", "/path"] {
                let rebound = try await ask(
                    lambda.port,
                    path,
                    method: "POST",
                    host: "rebound.example",
                    body: Self.order
                )
                #expect(rebound.hasPrefix("HTTP/1.1 403 "))
                #expect(rebound.contains("--allow-host"))
                let fields = [
                    "Origin: https://example.org\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
                    "Sec-Fetch-Site: same-site\r\n",
                ]
                for fields in fields {
                    let response = try await ask(lambda.port, path, method: "POST", fields: fields, body: Self.order)
                    #expect(response.hasPrefix("HTTP/1.1 403 "))
                    #expect(response.contains("x-amzn-errortype: AccessDeniedException\r\n"))
                }
            }
            #expect(lambda.log == "")
        }
    }

    @Test("programs and this machine's own pages are served", arguments: ["localhost", "127.0.0.1:1", "[::1]"])
    func served(host: String) async throws {
        try await LambdaHarness.run { lambda in
            let path = "/2015-03-31/functions/function/invocations"
            for fields in ["", "Origin: http://\(host)\r\nSec-Fetch-Site: same-origin\r\n"] {
                let response = try await ask(
                    lambda.port,
                    path,
                    method: "POST",
                    host: host,
                    fields: fields,
                    body: Self.order
                )
                #expect(response.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test("pages of an allowed origin may call the function's URL, but not invoke it")
    func allowedOrigin() async throws {
        let access = LambdaAccess(allowing: [], origins: ["http://localhost:5173"])
        try await LambdaHarness.run(access: access) { lambda in
            let fields = "Origin: http://localhost:5173\r\nSec-Fetch-Site: same-site\r\n"
            let order = #"{"do":"respond","text":"{\"statusCode\":201}"}"#
            let json = fields + "Content-Type: application/json\r\n"
            let asked = try await ask(lambda.port, "/path", method: "POST", fields: json, body: order)
            #expect(asked.hasPrefix("HTTP/1.1 201 "))
            let other = "Origin: http://localhost:5174\r\n"
            #expect(try await ask(lambda.port, "/path", fields: other).hasPrefix("HTTP/1.1 403 "))
            #expect(try await ask(lambda.port, "/path", host: "a.example", fields: fields).hasPrefix("HTTP/1.1 403 "))
            #expect(try await lambda.invoke(order, fields: fields).hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test("only the function may call the Runtime API; pages can neither read events nor respond to them")
    func runtimeAPI() async throws {
        try await LambdaHarness.run { lambda in
            let environment = try await lambda.result(#"{"do":"environment"}"#)
            let found = environment.firstMatch(of: /"AWS_LAMBDA_RUNTIME_API": "127\.0\.0\.1:(\d+)"/)
            let port = try #require(found.flatMap { UInt16($0.1) })
            let path = "/2018-06-01/runtime/invocation/next"
            for (host, fields) in [
                ("rebound.example", ""), ("127.0.0.1", "Origin: https://example.org\r\n"),
                ("127.0.0.1", "Sec-Fetch-Site: cross-site\r\n"),
            ] {
                let response = try await ask(port, path, host: host, fields: fields)
                #expect(response.hasPrefix("HTTP/1.1 403 "))
                #expect(response.contains(#""errorType":"Forbidden""#))
            }
            try await expect(lambda.result(#"{"do":"respond","text":"1"}"#), is: "1")
        }
    }

    @Test(
        "--allow-origin takes an origin in the form that browsers send",
        arguments: [
            ("http://localhost:5173", true), ("HTTPS://Dev.Example", true), ("http://[::1]:80", true),
            ("localhost:5173", false), ("http://", false), ("http://a/", false), ("http://a?b", false),
            ("http://u@a", false), ("null", false), ("*", false), ("ftp://a", false),
        ]
    )
    func origins(text: String, isOne: Bool) async throws {
        let captured = CapturedConsole()
        let code = try await captured.run(["lambda", "/nowhere/bootstrap", "--allow-origin", text])
        #expect(code == (isOne ? .couldNotRun : .commandLine))
    }
}
