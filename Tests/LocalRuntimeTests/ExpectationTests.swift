import Function
import Testing

@testable import LocalRuntime

@Suite("Expectations")
struct ExpectationTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"

    private func pointers(_ expectation: String, _ response: Response) async throws -> [String] {
        let expectation = try Expectation(Array(expectation.utf8))
        let outcome = try await Outcome(of: response, GivenStore(expectation.given))
        return expectation.mismatches(outcome).map(\.pointer.description)
    }

    private static let json: Headers = ["content-type": "application/json; charset=utf-8"]

    @Test(
        "a response that is as expected has no mismatch",
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
        ]
    )
    func asExpected(expectation: String, response: Response) async throws {
        #expect(try await pointers(expectation, response) == [])
    }

    @Test(
        "a response that differs is told by the place in the expectation",
        arguments: [
            (#"{"status":201,"headers":{"x-a":"1"},"body":"x"}"#, Response(.ok), ["/status", "/headers/x-a", "/body"]),
            (#"{"status":200,"headers":{"x-b":null}}"#, Response(.ok, headers: ["x-b": ""]), ["/headers/x-b"]),
            (#"{"status":200,"body":{"a":1}}"#, Response(.ok, headers: json, body: .text(#"{"a":2}"#)), ["/body/a"]),
            (#"{"status":200,"body":{"a":1}}"#, Response(.ok, headers: json, body: .text("{")), ["/body"]),
            (#"{"status":200,"body":{"a":1}}"#, Response(.ok, body: .text(#"{"a":1}"#)), ["/body"]),
        ]
    )
    func differing(expectation: String, response: Response, expected: [String]) async throws {
        #expect(try await pointers(expectation, response) == expected)
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
        ]
    )
    func malformed(text: String, pointer: String) {
        let error = #expect(throws: FixtureError.self) { try Expectation(Array(text.utf8)) }
        guard case .shape(let place, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(place.description == pointer)
    }
}
