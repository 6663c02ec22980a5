import Foundation
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeLambda

@Suite("Lint")
struct LintTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let otherKey = "sk_Fixed1theOnlySecretOfAFixtureNumber20eAsUo"
    private static let token = "pub_tok_Fixed1theOnlySecretOfAFixtureNumber12vw6Es"

    private func lint(_ files: [String: String], _ words: [String] = []) async throws -> (ExitCode, String) {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let captured = CapturedConsole()
        let code = try await captured.run(["lint", folder.path] + words)
        #expect(captured.messages == "")
        return (code, captured.output.replacingOccurrences(of: folder.path + "/", with: ""))
    }

    private func lint(event: String, expectation: String = #"{"status":200}"#) async throws -> (ExitCode, String) {
        try await lint(["a.json": event, "a.expect.json": expectation])
    }

    @Test("the project's own fixtures are clean")
    func own() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let captured = CapturedConsole()
        try await expect(captured.run(["lint", root.path + "/events", "--strict"]), is: .success, "\(captured.output)")
        #expect(captured.output.hasSuffix(" fixtures, 0 errors, 0 warnings\n"))
    }

    @Test("a valid fixture has no finding, and is counted")
    func fine() async throws {
        let (code, output) = try await lint(
            event: #"{"path":"/","headers":{"Accept":"*/*"}}"#,
            expectation: #"{"status":404,"headers":{"retry-after":null},"body":{"$exact":{}}}"#
        )
        #expect(code == .success)
        #expect(output == "1 fixture, 0 errors, 0 warnings\n")
    }

    @Test(
        "input that a reader refuses is an error with its place",
        arguments: [
            ("{", "a.json:1:2: error: expected a member's name"),
            (#"{"path":"/"#, "a.json:1:9: error: unterminated string"),
            (#"{"path":"/","metod":"GET"}"#, "a.json#/metod: error: is unknown; known members are method, path"),
            (
                #"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}},"body":"?","isBase64Encoded":true}"#,
                "a.json#/body: error: is not base64"
            ),
            (String(repeating: "[", count: 100), "a.json:1:65: error: more than 64 levels deep"),
        ]
    )
    func errors(event: String, finding: String) async throws {
        let (code, output) = try await lint(event: event)
        #expect(code == .unreadableFixture)
        #expect(output.hasPrefix(finding), "\(output)")
        #expect(output.hasSuffix("1 fixture, 1 error, 0 warnings\n"))
    }

    @Test("an error in an event does not hide one in its expectation")
    func both() async throws {
        let (code, output) = try await lint(event: "[]", expectation: #"{"status":{"$no":1}}"#)
        #expect(code == .unreadableFixture)
        #expect(output.contains("a.json#: error: must be an object"))
        #expect(output.contains("a.expect.json#/status/$no: error: is no matcher"))
    }

    @Test(
        "an event that no platform would send is a warning",
        arguments: [
            (#""headers":{"Host":"a"}"#, "a.json#/headers/Host: warning: a platform sends"),
            (#""rawPath":"/a?b=c""#, "a.json#/rawPath: warning: a path has no query in it; put what follows"),
            (#""rawQueryString":"?b=c""#, "a.json#/rawQueryString: warning: the ? before a query is no part of it"),
            (#""queryStringParameters":{"a":"b"}"#, "a.json#/queryStringParameters: warning: only rawQueryString"),
        ]
    )
    func gateway(member: String, finding: String) async throws {
        let path = member.contains("rawPath") ? "" : #","rawPath":"/""#
        let (code, output) = try await lint(
            event: #"{"version":"2.0","requestContext":{"http":{"method":"GET"}},\#(member)\#(path)}"#
        )
        #expect(code == .success)
        #expect(output.hasPrefix(finding), "\(output)")
        #expect(output.hasSuffix("1 fixture, 0 errors, 1 warning\n"))
    }

    @Test(
        "contradicting forms of headers or parameters are a warning each",
        arguments: [
            (
                #""headers":{"a":"1"},"multiValueHeaders":{"a":["1","2"]}"#,
                "a.json#/headers/a: warning: is not the last"
            ),
            (#""headers":{"a":"1","b":"2"},"multiValueHeaders":{"a":["1"]}"#, "a.json#/headers/b: warning: is not"),
            (#""headers":{"a":"1"},"multiValueHeaders":{"a":["1"],"b":["2"]}"#, "a.json#/multiValueHeaders/b: warning"),
            (
                #""queryStringParameters":{"a":"1"},"multiValueQueryStringParameters":{"a":["2"]}"#,
                "a.json#/queryStringParameters/a: warning:"
            ),
            (#""headers":{"a":"2"},"multiValueHeaders":{"a":["1","2"]}"#, "1 fixture, 0 errors, 0 warnings"),
        ]
    )
    func disagreement(members: String, finding: String) async throws {
        let (_, output) = try await lint(event: #"{"resource":"/","httpMethod":"GET","path":"/",\#(members)}"#)
        #expect(output.hasPrefix(finding), "\(output)")
    }

    @Test("an event and an expectation belong together")
    func alone() async throws {
        let (warned, warning) = try await lint(["a.json": #"{"path":"/","query":"?b"}"#])
        #expect(warned == .success)
        #expect(warning.contains("a.json#: warning: nothing is expected of it; write "))
        #expect(warning.contains("a.json#/query: warning:"))
        let (refused, error) = try await lint(["a.expect.json": #"{"status":200}"#])
        #expect(refused == .unreadableFixture)
        #expect(error.contains("a.expect.json#: error: there is no event beside it"))
        let (twice, both) = try await lint(["a.json": "", "a.scenario.json": #"{"steps":[{"advance":"1s"}]}"#])
        #expect(twice == .unreadableFixture)
        #expect(both.contains("a.scenario.json#: error: a fixture is a scenario or a.json, not both"))
    }

    @Test("an event that a scenario delivers needs no expectation file")
    func delivered() async throws {
        let scenario = #"{"steps":[{"event":"a.json","expect":{"status":404}}]}"#
        let (code, output) = try await lint(["a.json": #"{"path":"/"}"#, "s.scenario.json": scenario], ["--strict"])
        #expect(code == .success, "\(output)")
    }

    @Test(
        "a matcher that matches everything or nothing is a warning",
        arguments: [
            (#""body":{"$oneOf":[]}"#, "/body/$oneOf: warning: matches nothing"),
            (#""body":{"$oneOf":["a"]}"#, "/body/$oneOf: warning: has one value"),
            (#""body":{"a":{"$oneOf":["a",{"$absent":true}]}}"#, "/body/a/$oneOf/1: warning: never matches within"),
            (#""body":{"$range":[1,1]}"#, "/body/$range: warning: has one value"),
            (#""body":[{"$type":"null","$regex":"a"}]"#, "/body/0: warning: matches nothing"),
            (#""body":{"$type":"string","$absent":true}"#, "/body: warning: matches nothing"),
            (#""body":{"$length":-1}"#, "/body/$length: warning: matches nothing"),
            (#""body":{"$length":"a"}"#, "/body/$length: warning: never matches here; a length is of type number"),
            (#""body":{"$regex":".*"}"#, "/body/$regex: warning: matches every text"),
            (#""body":{"$exact":1}"#, "/body/$exact: warning: matters only for objects"),
            (#""body":{"a":{}}"#, "/body/a: warning: matches every object"),
            (#""headers":{"a":{"$type":"integer"}}"#, "/headers/a: warning: never matches here; a header's value"),
            (#""events":[{"data":"a","event":"b"}]"#, "/events/0/event: warning: is never there"),
            (#""events":[{"type":{"$type":"number"}}]"#, "/events/0/type: warning: never matches here"),
            (#""chunks":[{"$length":1},1]"#, "/chunks/1: warning: never matches here"),
            (#""store":{"tokens":{"\#(token)":"live"}}"#, "/store/tokens/pub_tok_Fixed1…: warning: is never there"),
            (#""store":{"keys":{}}"#, "/store/keys: warning: is never there"),
            (#""store":{}"#, "/store: warning: matches every object"),
        ]
    )
    func matchers(member: String, finding: String) async throws {
        let (code, output) = try await lint(event: #"{"path":"/"}"#, expectation: #"{"status":200,\#(member)}"#)
        #expect(code == .success)
        #expect(output.hasPrefix("a.expect.json#\(finding)"), "\(output)")
        #expect(output.hasSuffix("1 fixture, 0 errors, 1 warning\n"))
    }

    @Test(
        "a status that no response has is a warning",
        arguments: ["null", #""200""#, "20", "200.5", #"{"$regex":"2.."}"#]
    )
    func statuses(status: String) async throws {
        let (_, output) = try await lint(event: #"{"path":"/"}"#, expectation: #"{"status":\#(status)}"#)
        #expect(output.contains("a.expect.json#/status: warning:"), "\(output)")
    }

    @Test("unused given data is a warning, and no secret is shown")
    func given() async throws {
        let event = #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(Self.key)"}}"#
        func expectation(_ status: Int, _ other: String) -> String {
            #"{"given":{"organizations":[{"name":"acme","keys":[{"secret":"\#(Self.key)"},"#
                + #"{"secret":"\#(Self.otherKey)"\#(other)}],"tokens":[{"token":"\#(Self.token)"}]}]},"status":\#(status)}"#
        }
        let (_, output) = try await lint(event: event, expectation: expectation(200, ""))
        #expect(
            output == """
                a.expect.json#/given/organizations/0/keys/1/secret: warning: is used by no event; \
                leave the key out, or send it as authorization: Bearer sk_…
                a.expect.json#/given/organizations/0/tokens/0/token: warning: is named by no event and no expectation; \
                leave it out, or name it
                1 fixture, 0 errors, 2 warnings

                """
        )
        for expectation in [expectation(401, ""), expectation(200, #","used":1"#)] {
            let (_, output) = try await lint(event: event, expectation: expectation)
            #expect(!output.contains("is used by no event"), "\(output)")
        }
    }

    private static let step = #"{"event":{"path":"/"},"expect":{"status":404}}"#

    @Test(
        "inconsistent steps are a warning",
        arguments: [
            (#"{"name":"a","event":{"path":"/"},"expect":{"status":404}}"#, "/0/name: warning: nothing refers to"),
            (#"\#(step),{"advance":"1s"}"#, "/1: warning: nothing comes after it"),
            (#"{"event":{"path":"/"}}"#, ": warning: nothing is expected"),
            (
                #"{"parallel":[\#(step),\#(step)],"statuses":{"404":3}}"#,
                "/0/statuses: warning: never matches; there are 2"
            ),
            (#"\#(step),{"parallel":[]}"#, "/1/parallel: warning: does nothing"),
            (
                #"{"event":{"path":"/"},"faults":{"killed":"mint"},"expect":{"status":404}}"#,
                "/0/expect/status: warning: is not looked at"
            ),
            (
                #"{"event":{"path":"/","query":"?a"},"expect":{"status":404},"again":{"status":0}}"#,
                "/0/event/query: warning: the ?"
            ),
        ]
    )
    func scenarios(steps: String, finding: String) async throws {
        let (code, output) = try await lint(["s.scenario.json": #"{"steps":[\#(steps)]}"#], ["--strict"])
        #expect(code == .expectationFailed)
        #expect(output.hasPrefix("s.scenario.json#/steps\(finding)"), "\(output)")
    }

    @Test("a reference may be of any kind")
    func references() async throws {
        let (code, output) = try await lint(
            [
                "s.scenario.json": #"{"steps":[{"name":"a","event":{"path":"/"},"expect":{"status":404}},"#
                    + #"{"event":{"path":"/"},"expect":{"status":"${a.status}","body":{"$length":"${a.status}"}}}]}"#
            ],
            ["--strict"]
        )
        #expect(code == .success, "\(output)")
    }

    @Test("pipes, devices and files that are too long are reported and not read")
    func files() async throws {
        let folder = try TemporaryFolder()
        try folder.write("huge.json", "")
        #expect(truncate(folder.path + "/huge.json", 100_000_000) == 0)
        #expect(mkfifo(folder.path + "/pipe.json", 0o600) == 0)
        try folder.write("s.scenario.json", #"{"steps":[{"event":"../../dev/zero"}]}"#)
        try folder.write("t.scenario.json", #"{"steps":[{"event":"t.scenario.json"}]}"#)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/zero.json", withDestinationPath: "/dev/zero")
        let captured = CapturedConsole()
        try await expect(captured.run(["lint", folder.path]), is: .unreadableFixture)
        let output = captured.output.replacingOccurrences(of: folder.path + "/", with: "")
        #expect(output.contains("huge.json#: error: longer than"))
        #expect(output.contains("pipe.json#: error: is not a regular file"))
        #expect(output.contains("zero.json#: error: is not a regular file"))
        #expect(output.contains("s.scenario.json#/steps/0/event: error: ../../dev/zero: "))
        #expect(output.contains("t.scenario.json#/steps/0/event/steps: error: is unknown"))
        #expect(output.hasSuffix("5 fixtures, 5 errors, 0 warnings\n"), "\(output)")
    }
}
