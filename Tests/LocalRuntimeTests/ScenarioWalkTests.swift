import Foundation
import Support
import Testing

@testable import LocalRuntimeConsole

@Suite("invoke and explain with a scenario")
struct ScenarioWalkTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let scenario = #"""
        {"given":{"organizations":[{"name":"a","credits":1,"keys":[{"secret":"\#(key)"}]}]},"steps":[
         {"name":"mint","event":{"path":"/api/v1/token","query":"ttl=60","headers":{"authorization":"Bearer \#(key)"}}},
         {"advance":"59s"},
         {"name":"open","event":{"method":"POST","path":"/api/v1/run/echo/stream","query":"token=${mint.body.token}",
          "body":"{\"text\":\"a b\"}"},"expect":{"status":500},"again":{"status":401}},
         {"parallel":[{"event":"beside.json","times":2}]},
         {"event":{"version":"2.0","rawPath":"/api/v1/token","requestContext":{"http":{"method":"GET"}}}}]}
        """#

    private func run(_ command: String, _ name: String, _ words: String...) async throws -> (ExitCode, String, String) {
        let folder = try TemporaryFolder()
        try folder.write("s.scenario.json", Self.scenario)
        try folder.write("beside.json", #"{"path":"/nowhere"}"#)
        try folder.write(
            "failing.scenario.json",
            #"""
            {"given":{"store":"down","organizations":[{"name":"a","keys":[{"secret":"\#(Self.key)"}]}]},"steps":[{"name":"m",
             "event":{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(Self.key)"}}},
             {"event":{"path":"/${m.body.token}"}}]}
            """#
        )
        let captured = CapturedConsole()
        let code = try await captured.run([command, folder.path + "/" + name] + words)
        return (code, captured.output, captured.messages.replacingOccurrences(of: folder.path + "/", with: ""))
    }

    @Test("invoke prints each body and each step, regardless of expectations", arguments: ["s", "s.scenario.json"])
    func invoke(name: String) async throws {
        let (code, output, messages) = try await run("invoke", name)
        #expect(code == .success)
        // The function's reason for a refusal follows its step.
        let steps = messages.split(separator: "\n").filter { !$0.hasPrefix("the function's reason: ") }
        #expect(
            steps == [
                "step 1, mint: 200", "step 3, open: 200", "step 3, open, again: 401", "step 4, 1 of 2: 404",
                "step 4, 2 of 2: 404", "step 5: 401",
            ]
        )
        let lines = output.split(separator: "\n")
        #expect(lines.count == 6 && lines[0].hasPrefix(#"{"success":true,"token":"pub_tok_Fixed1"#))
        #expect(lines[1] == "a b" && lines[3].contains("not_found"))
        #expect(try await run("invoke", name, "--head").1.contains("HTTP/1.1 401 Unauthorized\r\n"))
    }

    @Test("the exit code reports a 5xx, and a step that refers to a value that does not exist")
    func failing() async throws {
        let (code, _, messages) = try await run("invoke", "failing")
        #expect(code == .expectationFailed)
        #expect(messages.hasPrefix("step 1, m: 500\nthe function's reason: the fixture says that the store is down\n"))
        #expect(messages.hasSuffix("refers to ${m.body.token}, which the response of m does not have\n"))
    }

    @Test("explain describes the request and the response of each step, without secrets")
    func explain() async throws {
        let (code, output, _) = try await run("explain", "s")
        #expect(code == .success)
        let parts = output.components(separatedBy: "== step ").dropFirst()
        #expect(
            parts.map { $0.prefix { $0 != "=" } } == [
                "1, mint ", "3, open ", "3, open, again ", "4, 1 of 2 ", "4, 2 of 2 ", "5 ",
            ]
        )
        #expect(parts.dropFirst().first?.contains("Request: POST /api/v1/run/echo/stream\n") == true)
        #expect(output.contains("Response: 401, in the platform's form\n"))
        #expect(output.contains("Function: stream\n") && output.contains("s.scenario.json gives"))
        #expect(!output.contains(Self.key) && output.contains("?token"))
        #expect(output.contains("pub_tok_Fixed1…") && !output.contains(/pub_tok_Fixed1[0-9A-Za-z]{36}/))
    }
}
