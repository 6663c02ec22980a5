import Foundation
import FunctionCore
import Support
import Testing

@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

@Suite("Expectations of an event's data")
struct EventDataTests {
    private static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"

    private func folder(data: String, pattern: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "a.json",
            #"{"method":"POST","path":"/api/v1/run/chat/stream","query":"token=\#(Self.token)","headers":{"accept":"text/event-stream"}}"#
        )
        try folder.write(
            "a.expect.json",
            """
            {"given":{"organizations":[{"name":"a","keys":[{"secret":"\(Self.key)"}],"tokens":[{"token":"\(Self.token)"}]}],
             "workflow":{"events":[{"data":\(JSON.string(data))}]}},"status":200,"events":[\(pattern),{"type":"done"}]}
            """
        )
        return folder
    }

    @Test(
        "matchers apply to the text of the data or to its JSON",
        arguments: [
            ("{}", #"{"data":{"$exact":{}}}"#), (#"{"a":1}"#, #"{"data":{"$type":"object"}}"#),
            (#"{"a":1,"b":2}"#, #"{"data":{"a":{"$range":[1,2]}}}"#),
            ("[1,2]", #"{"data":{"$type":"array","$length":2}}"#),
            ("[]", #"{"data":{"$oneOf":["a",{"$type":"array"}]}}"#),
            ("a", #"{"data":{"$oneOf":["a",{"$type":"array"}]}}"#),
            ("7", #"{"data":{"$type":"integer"}}"#), ("7", #"{"data":7}"#), ("7", #"{"data":"7"}"#),
            ("7", #"{"data":{"$regex":"[0-9]"}}"#), ("null", #"{"data":{"$type":"null"}}"#),
            ("null", #"{"data":null}"#),
            (#"{"a":1}"#, #"{"data":{"$type":"string"}}"#), (#"{"a":1}"#, #"{"$exact":{"data":{"a":1}}}"#),
            (#"{"a":[{}]}"#, #"{"data":{"$exact":{"a":[{"$exact":{}}]}}}"#), (#"{"a":1}"#, #"{"data":"{\"a\":1}"}"#),
            (#"{"a":1}"#, #"{"$oneOf":[{"data":"x"},{"data":{"a":1}}]}"#), ("true", #"{"data":true}"#),
        ]
    )
    func holds(data: String, pattern: String) async throws {
        let captured = CapturedConsole()
        let folder = try folder(data: data, pattern: pattern)
        let code = try await captured.run(["replay", folder.path])
        #expect(code == .success, "\(captured.output)")
    }

    @Test(
        "a mismatch is reported for the form that the expectation uses",
        arguments: [
            (#"{"a":2}"#, #"{"data":{"a":1}}"#, "/events/0/data/a\n          expected  1\n          actual    2"),
            (#""x""#, #"{"data":"x"}"#, #"/events/0/data"#), (#"{"a":1}"#, #"{"data":{"$exact":{}}}"#, "/data/$exact"),
            ("{}", #"{"data":{"$type":"array"}}"#, "actual    {}"),
            ("text", #"{"data":{"$type":"object"}}"#, #""text""#),
            (#""a""#, #"{"data":{"$regex":"a"}}"#, #"actual    "\"a\"""#), ("7", #"{"data":"8"}"#, #"actual    "7""#),
        ]
    )
    func differs(data: String, pattern: String, message: String) async throws {
        let captured = CapturedConsole()
        let folder = try folder(data: data, pattern: pattern)
        let code = try await captured.run(["replay", folder.path])
        #expect(code == .expectationFailed)
        #expect(captured.output.contains(message), "\(captured.output)")
    }

    @Test("--update keeps matchers that match, and data that is written as JSON")
    func update() async throws {
        let folder = try folder(data: #"{"a":"x","b":2}"#, pattern: #"{"data":{"a":{"$type":"string"},"b":1}}"#)
        let captured = CapturedConsole()
        try await expect(captured.run(["replay", folder.path, "--update"]), is: .success)
        let text = try String(contentsOfFile: folder.path + "/a.expect.json", encoding: .utf8)
        #expect(text.contains(#""events":[{"data":{"a":{"$type":"string"},"b":2}},{"type":"done"}]"#), "\(text)")
    }
}
