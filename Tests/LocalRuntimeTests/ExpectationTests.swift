import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("Expectations")
struct ExpectationTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"

    private static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
    private static let foreignToken = "pub_tok_Fixed2aStreamTokenOfAFixtureNumber011HRm5f"
    private static let given =
        #""given":{"organizations":[{"name":"a","credits":3,"keys":[{"secret":"\#(key)"}],"#
        + #""tokens":[{"token":"\#(token)"}]}]}"#

    private func pointers(_ expectation: String, _ response: Response) async throws -> [String] {
        let (given, expectation) = try Fixture.expectation(try JSONReader.document(Array(expectation.utf8)))
        var outcome = try await Outcome(of: response, since: .now)
        outcome.store = try await GivenStore(given).contents()
        return expectation.example.mismatches(outcome).map(\.pointer.description)
    }

    private static let json: Headers = ["content-type": "application/json; charset=utf-8"]

    private static func stream(_ texts: String..., isBrokenOff: Bool = false) -> Response {
        struct BrokenOff: Error {}
        return Response(
            .ok,
            body: .stream { writer in
                for text in texts { try await writer.write(Array(text.utf8)) }
                if isBrokenOff { throw BrokenOff() }
            }
        )
    }

    @Test("a response over 6 MiB is reported, whatever its function does")
    func tooLong() async throws {
        let response = Response(
            .ok,
            body: .stream { writer in
                for _ in 0..<4 { try? await writer.write([UInt8](repeating: 0x61, count: 2 << 20)) }
            }
        )
        await #expect(throws: Outcome.TooLong.self) {
            try await Outcome(of: response, since: .now)
        }
    }

    @Test(
        "a response that meets its expectation has no mismatch",
        arguments: [
            (#"{"status":200}"#, Response(.ok)),
            (#"{"status":{"$range":[200,299]}}"#, Response(.noContent)),
            (
                #"{"status":200,"headers":{"X-A":"1, 2","x-b":null,"x-c":{"$absent":true}}}"#,
                Response(.ok, headers: ["x-a": "1", "x-a": "2"])
            ),
            (#"{"status":200,"body":{"a":1}}"#, Response(.ok, headers: json, body: .text(#"{"b":2, "a":1}"#))),
            (
                #"{"status":200,"body":"{\"b\":2, \"a\":1}"}"#,
                Response(.ok, headers: json, body: .text(#"{"b":2, "a":1}"#))
            ),
            (#"{"status":200,"body":"hello"}"#, Response(.ok, body: .text("hello"))),
            (#"{"status":200,"body":{"$regex":"h.*"}}"#, Response(.ok, body: .text("hello"))),
            (#"{"status":200,"body":{"$absent":true}}"#, Response(.ok)),
            (#"{"status":200,"complete":true,"body":"ab"}"#, stream("a", "b")),
            (#"{"status":200,"complete":false,"body":"a"}"#, stream("a", isBrokenOff: true)),
            (
                #"{\#(given),"status":200,"store":{"tokens":{"\#(token)":"live"},"#
                    + #""organizations":{"a":{"credits":3,"held":0,"open":0}}}}"#,
                Response(.ok)
            ),
            (#"{\#(given),"status":200,"store":{"organizations":{"a":{"credits":{"$range":[1,3]}}}}}"#, Response(.ok)),
            (#"{"status":200,"store":{"tokens":{"\#(token)":{"$absent":true}}}}"#, Response(.ok)),
        ]
    )
    func asExpected(expectation: String, response: Response) async throws {
        try await expect(pointers(expectation, response), is: [])
    }

    @Test(
        "a response that differs is reported with the place in the expectation",
        arguments: [
            (#"{"status":201,"headers":{"x-a":"1"},"body":"x"}"#, Response(.ok), ["/status", "/headers/x-a", "/body"]),
            (#"{"status":200,"headers":{"x-b":null}}"#, Response(.ok, headers: ["x-b": ""]), ["/headers/x-b"]),
            (#"{"status":200,"body":{"a":1}}"#, Response(.ok, headers: json, body: .text(#"{"a":2}"#)), ["/body/a"]),
            (#"{"status":200,"body":{"a":1}}"#, Response(.ok, headers: json, body: .text("{")), ["/body"]),
            (#"{"status":200,"body":{"a":1}}"#, Response(.ok, body: .text(#"{"a":1}"#)), ["/body"]),
            (#"{"status":200,"body":"ab"}"#, stream("a", isBrokenOff: true), ["/body", "/complete"]),
            (#"{"status":200,"complete":false,"body":"a"}"#, stream("a"), ["/complete"]),
            (
                #"{\#(given),"status":200,"store":{"tokens":{"\#(token)":"used"},"#
                    + #""organizations":{"a":{"credits":2},"b":{}}}}"#,
                Response(.ok), ["/store/tokens/\(token)", "/store/organizations/a/credits", "/store/organizations/b"]
            ),
        ]
    )
    func differing(expectation: String, response: Response, expected: [String]) async throws {
        try await expect(pointers(expectation, response), is: expected)
    }

    @Test(
        "a malformed expectation is refused with its place",
        arguments: [
            ("{}", ""), (#"{"status":200,"statu":1}"#, "/statu"), (#"{"status":200,"headers":{"a":1}}"#, "/headers/a"),
            (#"{"status":200,"given":{"store":"slow"}}"#, "/given/store"),
            (#"{"status":200,"given":{"settings":{"PORT":"1"}}}"#, "/given/settings/PORT"),
            (#"{"status":200,"given":{"settings":{"TOKEN_TTL_POLICY":"loose"}}}"#, "/given/settings"),
            (#"{"status":200,"given":{"organizations":[{}]}}"#, "/given/organizations/0"),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","credits":-1}]}}"#,
                "/given/organizations/0/credits"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"sk_x"}]}]}}"#,
                "/given/organizations/0/keys/0/secret"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"},"#
                    + #"{"secret":"\#(key)"}]}]}}"#,
                "/given/organizations/0/keys/1"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a"},{"name":"a"}]}}"#, "/given/organizations/1"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)","window":0}]}]}}"#,
                "/given/organizations/0/keys/0/window"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","max_streams":-1}]}}"#,
                "/given/organizations/0/max_streams"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","tokens":[{"token":"\#(token)"}]}]}}"#,
                "/given/organizations/0/tokens"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{}]}]}}"#,
                "/given/organizations/0/tokens/0"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"pub_tok_x"}]}]}}"#,
                "/given/organizations/0/tokens/0/token"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(foreignToken)"}]}]}}"#,
                "/given/organizations/0/tokens/0/token"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)"},{"token":"\#(token)"}]}]}}"#,
                "/given/organizations/0/tokens/1"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)","ttl":301}]}]}}"#,
                "/given/organizations/0/tokens/0/ttl"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)","age":-1}]}]}}"#,
                "/given/organizations/0/tokens/0/age"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)","state":"spent"}]}]}}"#,
                "/given/organizations/0/tokens/0/state"
            ),
            (
                #"{"status":200,"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)","used":1}]}]}}"#,
                "/given/organizations/0/tokens/0/used"
            ),
            (#"{"status":200,"given":{"workflow":"echo"}}"#, "/given/workflow"),
            (#"{"status":200,"given":{"workflow":{"output":"a"}}}"#, "/given/workflow/output"),
            (#"{"status":200,"given":{"workflow":{"output":["a",""]}}}"#, "/given/workflow/output/1"),
            (#"{"status":200,"given":{"workflow":{"output":[1]}}}"#, "/given/workflow/output/0"),
            (#"{"status":200,"given":{"workflow":{"output":[],"events":[]}}}"#, "/given/workflow/events"),
            (#"{"status":200,"given":{"workflow":{"events":[{"type":"a"}]}}}"#, "/given/workflow/events/0"),
            (
                #"{"status":200,"given":{"workflow":{"events":[{"data":"a","retry":-1}]}}}"#,
                "/given/workflow/events/0/retry"
            ),
            (#"{"status":200,"given":{"workflow":{"fails":"cancelled"}}}"#, "/given/workflow/fails"),
            (#"{"status":200,"given":{"workflow":{"retry_after":1}}}"#, "/given/workflow/retry_after"),
            (
                #"{"status":200,"given":{"workflow":{"fails":"timed_out","retry_after":1}}}"#,
                "/given/workflow/retry_after"
            ),
            (#"{"status":200,"given":{"workflow":{"waits":1}}}"#, "/given/workflow/waits"),
            (#"{"status":200,"complete":"no"}"#, "/complete"),
            (#"{"status":200,"store":{"tokens":{"$typ":1}}}"#, "/store/tokens/$typ"),
        ]
    )
    func malformed(text: String, pointer: String) {
        let error = #expect(throws: FixtureError.self) {
            try Fixture.expectation(try JSONReader.document(Array(text.utf8)))
        }
        guard case .content(.shape(let place, _)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(place.description == pointer)
    }

    @Test("a secret where a long value is cut is not shown")
    func cutSecret() {
        let secret = "pub_tok_Fixed1" + String(repeating: "a", count: 36)
        for blanks in 380..<400 {
            let actual = String(repeating: " ", count: blanks) + secret + String(repeating: " ", count: 100)
            let mismatch = Mismatch(at: .root, expected: "", actual: actual)
            #expect(!mismatch.actual.contains("Fixed1a"))
        }
    }
}
