import Foundation
import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("replay --update")
struct ReplayUpdateTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let given = #""given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}]}]}"#
    private static let minted = #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(key)"}}"#

    private func update(
        _ files: [String: String],
        _ environment: [String: String] = [:],
        _ words: [String] = []
    ) async throws -> (code: ExitCode, messages: String, files: (String) -> JSON?, folder: TemporaryFolder) {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let captured = CapturedConsole(environment: environment)
        let code = try await captured.run(["replay", folder.path, "--update"] + words)
        func read(_ name: String) -> JSON? {
            FileManager.default.contents(atPath: folder.path + "/" + name).flatMap { try? JSONReader.read(Array($0)) }
        }
        return (code, captured.messages, read, folder)
    }

    private func json(_ text: String) throws -> JSON {
        try JSONReader.read(Array(text.utf8))
    }

    @Test("only values that do not hold are rewritten; matchers, order and the given state are kept")
    func changed() async throws {
        let run = try await update([
            "a.json": Self.minted,
            "a.expect.json": """
            {\(Self.given),"headers":{"x-ratelimit-limit":"11","content-type":{"$regex":"application/.*"},
             "retry-after":null,"x-gone":"1"},
             "status":{"$range":[200,299]},"body":{"$exact":{"ttl":61,"token":{"$length":49}}}}
            """,
        ])
        #expect(run.code == .success)
        #expect(run.messages.contains("written: \(run.folder.path)/a.expect.json"))
        try expect(
            run.files("a.expect.json"),
            is: json(
                """
                {\(Self.given),"headers":{"x-ratelimit-limit":"10","content-type":{"$regex":"application/.*"},
                 "retry-after":null,"x-gone":null},
                 "status":{"$range":[200,299]},
                 "body":{"$exact":{"ttl":60,"token":{"$regex":"pub_tok_Fixed1[0-9A-Za-z]{36}"},"success":true}}}
                """
            )
        )
    }

    @Test("a body that is expected as text stays text")
    func text() async throws {
        let run = try await update([
            "a.json": #"{"path":"/api/v1/token"}"#,
            "a.expect.json": #"{"status":401,"body":"{\"error\":\"No.\"}"}"#,
        ])
        #expect(run.code == .success)
        let body = #"{\"error\":\"Unauthorized. Please provide a valid secret key.\",\"success\":false}"#
        try expect(run.files("a.expect.json"), is: json(#"{"status":401,"body":"\#(body)"}"#))
    }

    @Test("a missing expectation is written, with a matcher for each value that varies")
    func missing() async throws {
        let run = try await update(["a.json": #"{"method":"PUT","path":"/api/v1/token"}"#])
        #expect(run.code == .success)
        let written = try #require(run.files("a.expect.json"))
        #expect("\(written)".hasPrefix(#"{"status":405,"headers":{"#))
        #expect("\(written)".contains(#""allow":"GET, OPTIONS""#) || "\(written)".contains(#""allow":"#))
    }

    @Test("a scenario is updated step by step, and references are kept")
    func scenario() async throws {
        let run = try await update([
            "s.scenario.json": """
            {\(Self.given),"steps":[
             {"name":"mint","event":\(Self.minted),"expect":{"status":201,"body":{"token":"${mint2.body}"}}}]}
            """
        ])
        // No response can repair a reference to a step that does not exist.
        #expect(run.code == .unreadableFixture)
        let fine = try await update([
            "s.scenario.json": """
            {\(Self.given),"steps":[
             {"name":"mint","event":\(Self.minted),"expect":{"status":201}},{"advance":"1s"},
             {"name":"open","event":{"method":"POST","path":"/api/v1/run/echo/stream","query":"token=${mint.body.token}",
              "body":"{\\"text\\":\\"a b\\"}"},"expect":{"status":500,"body":"a"},"again":{"status":200}},
             {"parallel":[{"event":{"path":"/${open.status}"}}],"statuses":{"200":1}},
             {"event":{"path":"/"},"expect":{"status":404,"body":{"code":"${mint.body.token}"}}}]}
            """
        ])
        #expect(fine.code == .success, "\(fine.messages)")
        let written = "\(try #require(fine.files("s.scenario.json")))"
        #expect(written.contains(#""query":"token=${mint.body.token}""#))
        #expect(written.contains(#""expect":{"status":200,"body":"a b"},"again":{"status":401}"#))
        #expect(written.contains(#""statuses":{"404":1}"#))
        #expect(written.contains(#""body":{"code":"not_found"}"#))
    }

    @Test("nothing is written in CI, with several contracts, or where all expectations hold")
    func refused() async throws {
        let files = ["a.json": #"{"path":"/"}"#, "a.expect.json": #"{"status":200}"#]
        let inCI = try await update(files, ["CI": "true"])
        #expect(inCI.code == .commandLine)
        #expect(inCI.files("a.expect.json") == .object([.init(name: "status", value: .number(200))]))
        try await expect(update(files, [:], ["--contract", "all"]).code, is: .commandLine)
        let text = #"{"status":404}"#
        let same = try await update(["a.json": #"{"path":"/"}"#, "a.expect.json": text])
        #expect(same.messages == "")
        #expect(FileManager.default.contents(atPath: same.folder.path + "/a.expect.json") == Data(text.utf8))
    }

    @Test("JSON is written in the layout of fixtures, one member per line")
    func format() throws {
        let json = try json(#"{"a":[1,{"b":"é\n"}],"c":{},"d":[],"e":null,"f":1.5}"#)
        #expect(
            json.formatted == """
                {
                  "a": [
                    1,
                    {
                      "b": "é\\n"
                    }
                  ],
                  "c": {},
                  "d": [],
                  "e": null,
                  "f": 1.5
                }

                """
        )
        try expect(JSONReader.read(Array(json.formatted.utf8)), is: json)
    }
}
