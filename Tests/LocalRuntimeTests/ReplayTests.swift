import Foundation
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("Replay")
struct ReplayTests {
    private static let minted = #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(key)"}}"#
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let given = #""given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}]}]}"#

    private func replay(_ files: [String: String], _ words: [String] = []) async throws -> (ExitCode, String, String) {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let captured = CapturedConsole()
        let code = try await captured.run(["replay", folder.path] + words)
        func relative(_ text: String) -> String { text.replacingOccurrences(of: folder.path + "/", with: "") }
        return (code, relative(captured.output), relative(captured.messages))
    }

    @Test("the project's own fixtures all pass")
    func ownFixtures() async throws {
        let events = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../events").standardizedFileURL.path
        let captured = CapturedConsole()
        try await expect(captured.run(["replay", events, "--contract", "all"]), is: .success)
        for contract in ReplayContract.allCases {
            #expect(captured.output.contains("ok      \(events)/token/minted (\(contract.rawValue))\n"))
            #expect(captured.output.contains("ok      \(events)/stream/echo (\(contract.rawValue))\n"))
        }
        #expect(!captured.output.contains("no expectation"))
    }

    @Test("a fixture that meets its expectation passes, and the exit code is 0")
    func passes() async throws {
        let (code, output, _) = try await replay([
            "a.json": Self.minted, "a.expect.json": "{\(Self.given),\"status\":200}",
        ])
        #expect(code == .success)
        #expect(output == "ok      a\n\n1 passed, 0 failed\n")
    }

    @Test("a fixture runs by each requested contract, and a table counts the results")
    func contracts() async throws {
        let twice = #"{"path":"/api/v1/token","query":"ttl=1&ttl=2","headers":{"authorization":"Bearer \#(Self.key)"}}"#
        let (code, output, _) = try await replay(
            ["a.json": twice, "a.expect.json": "{\(Self.given),\"status\":400}"],
            ["--contract", "alb", "--contract=v1"]
        )
        #expect(code == .success)
        #expect(
            output == """
                ok      a (v1)
                skip    a (alb)  not carried: the platform passes on only the last of repeated fields or parameters

                contract  passed  failed  not carried
                v1        1       0       0
                alb       0       0       1

                1 passed, 0 failed, 1 not carried

                """
        )
    }

    @Test("an unknown contract is a wrong command line")
    func noContract() async throws {
        let (code, _, messages) = try await replay(["a.json": Self.minted], ["--contract", "gcp"])
        #expect(code == .commandLine)
        #expect(messages.contains("gcp is not a contract; write all, direct, http, v2, streaming, v1, alb,"))
    }

    @Test("null is a body without content")
    func noBody() async throws {
        for (method, code) in [("HEAD", ExitCode.success), ("POST", .expectationFailed)] {
            let (actual, _, _) = try await replay([
                "a.json": #"{"method":"\#(method)","path":"/api/v1/token"}"#,
                "a.expect.json": #"{"status":405,"body":null}"#,
            ])
            #expect(actual == code)
        }
    }

    @Test("a difference is shown with its place and without secrets, and the exit code is 4")
    func fails() async throws {
        let (code, output, _) = try await replay([
            "b.json": Self.minted,
            "b.expect.json": "{\(Self.given),\"status\":200,\"body\":{\"token\":\"\(Self.key)\"}}",
        ])
        #expect(code == .expectationFailed)
        #expect(
            output == """
                FAIL    b
                        b.expect.json#/body/token
                          expected  "sk_Fixed1…"
                          actual    "pub_tok_Fixed1…"
                        curl -i --globoff --path-as-is 'http://127.0.0.1:8080/api/v1/token' \
                -H 'authorization: Bearer '"$API_KEY"

                0 passed, 1 failed

                """
        )
    }

    @Test("the function's reason follows the differences")
    func cause() async throws {
        let (_, output, _) = try await replay([
            "b.json": Self.minted, "b.expect.json": #"{"given":{"store":"down"},"status":200}"#,
        ])
        #expect(output.contains("the function's reason: the fixture says that the store is down"))
    }

    @Test("differences in the store and in the body's end are shown without secrets")
    func store() async throws {
        let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
        let (code, output, _) = try await replay([
            "s.json": #"{"method":"POST","path":"/api/v1/run/chat/stream","query":"token=\#(token)"}"#,
            "s.expect.json": #"""
            {"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(Self.key)"}],
             "tokens":[{"token":"\#(token)"}]}],"workflow":{"output":["a"],"fails":"unavailable"}},
             "status":200,"body":"a","store":{"tokens":{"\#(token)":"live"}}}
            """#,
        ])
        #expect(code == .expectationFailed)
        #expect(
            output == """
                FAIL    s
                        s.expect.json#/complete
                          expected  true: a whole body
                          actual    false: a body that breaks off
                        s.expect.json#/store/tokens/pub_tok_Fixed1…
                          expected  "live"
                          actual    "used"
                        curl -i --globoff --path-as-is -X 'POST' \
                'http://127.0.0.1:8080/api/v1/run/chat/stream?token='"$TOKEN"

                0 passed, 1 failed

                """
        )
    }

    @Test("an event without an expectation is reported as such, and only fails on a 5xx")
    func withoutExpectation() async throws {
        let (code, output, _) = try await replay(["c.json": #"{"path":"/"}"#])
        #expect(code == .success)
        #expect(output == "ok?     c  no expectation; status 404\n\n0 passed, 0 failed, 1 without expectation\n")
        let failure = Verdict.withoutExpectation(status: 500, cause: "out of luck")
        #expect(failure.exitCode == .expectationFailed)
        let captured = CapturedConsole()
        let result = ReplayResult(
            files: FixtureFiles(name: "c"),
            backEnd: "direct",
            verdict: failure,
            duration: .zero
        )
        ReplayReport(output: captured.console.output).print([result])
        #expect(
            captured.output == """
                FAIL    c  no expectation; status 500
                        the function's reason: out of luck

                0 passed, 1 failed

                """
        )
    }

    @Test(
        "a fixture that cannot be read is an error with its place, and the exit code is 2",
        arguments: [
            (["a.json": "{\n]"], "a.json:2:1: "), (["a.json": #"{"path":1}"#], "a.json#/path: "),
            (["a.json": #"{"path":"/"}"#, "a.expect.json": "{}"], "a.expect.json#: "),
            (["a.expect.json": "{}"], "a.expect.json: there is no event beside it, a.json\n"),
        ]
    )
    func unreadable(files: [String: String], message: String) async throws {
        var files = files
        // A failure beside it must not hide it.
        files["b.json"] = #"{"path":"/"}"#
        files["b.expect.json"] = #"{"status":200}"#
        let (code, output, _) = try await replay(files)
        #expect(code == .unreadableFixture)
        #expect(output.contains("ERROR   \(message)"))
        #expect(output.hasSuffix("\n0 passed, 1 failed, 1 unreadable\n"))
    }

    @Test("fixtures are isolated from each other and reported in the order of their names")
    func isolated() async throws {
        var files: [String: String] = [:]
        for number in 10..<40 {
            files["f/\(number).json"] = Self.minted
            files["f/\(number).expect.json"] = """
                {"given":{"organizations":[{"name":"a","keys":[{"secret":"\(Self.key)","limit":1}]}]},"status":200}
                """
        }
        let (code, output, _) = try await replay(files)
        #expect(code == .success)
        #expect(output == (10..<40).map { "ok      f/\($0)\n" }.joined() + "\n30 passed, 0 failed\n")
    }

    @Test("a filter selects the fixtures with it in their name, and must select some")
    func filter() async throws {
        let files = ["one.json": #"{"path":"/"}"#, "two.json": #"{"path":"/"}"#, "three.json": #"{"path":"/"}"#]
        let (_, output, _) = try await replay(files, ["--filter", "one", "--filter=tw"])
        #expect(output.contains("one ") && output.contains("two ") && !output.contains("three "))
        let (code, _, messages) = try await replay(files, ["--filter", "four"])
        #expect(code == .commandLine)
        #expect(messages.contains("no fixture has four in its name"))
    }

    @Test("a pattern selects the fixtures whose names or files match it, in folders below too")
    func pattern() async throws {
        let folder = try TemporaryFolder()
        for name in ["ttl.json", "a/ttl-long.json", "a/b/other-ttl.scenario.json", "a/name.json"] {
            try folder.write(
                name,
                name.hasSuffix("scenario.json") ? #"{"steps":[{"event":{"path":"/"}}]}"# : #"{"path":"/"}"#
            )
        }
        for (pattern, names) in [
            ("/*ttl*", ["a/b/other-ttl", "a/ttl-long", "ttl"]), ("/a/*.scenario.json", ["a/b/other-ttl"]),
            ("/?tl.json", ["ttl"]), ("/a/[m-o]ame", ["a/name"]),
        ] {
            let captured = CapturedConsole()
            try await expect(captured.run(["replay", folder.path + pattern]), is: .success)
            let expected = names.map { "ok?     \(folder.path)/\($0)  no expectation; status 404\n" }.joined()
            #expect(captured.output.hasPrefix(expected + "\n"))
        }
        try await expect(CapturedConsole().run(["replay", folder.path + "/*none*"]), is: .unreadableFixture)
    }

    @Test("a path that does not exist or has no fixtures counts as unreadable")
    func noPath() async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["replay", "/nowhere/at/all"]), is: .unreadableFixture)
        #expect(captured.messages.contains("/nowhere/at/all: no such file or folder"))
        try await expect(replay(["README.md": ""]).0, is: .unreadableFixture)
    }
}
