import Foundation
import Support
import Testing

@testable import LocalRuntimeConsole

/// For each rule of lint: a fixture that breaks it, and the fixture after the correction that lint suggests.
@Suite("The corrections that lint suggests")
struct LintMendTests {
    struct Row: Sendable, CustomTestStringConvertible {
        /// Lint's finding: the place, and the correction.
        let place: String
        let mend: String
        let before: [String: String]
        let after: [String: String]

        var testDescription: String { "\(place): \(mend): \(before.values.sorted())" }
    }

    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let wrongKey = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG1"
    private static let otherKey = "sk_Fixed1theOnlySecretOfAFixtureNumber20eAsUo"
    private static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"

    /// A mistake in the event, whose expectation is a 404.
    private static func event(_ place: String, _ mend: String, _ before: String, _ after: String) -> Row {
        func files(_ event: String) -> [String: String] { ["a.json": event, "a.expect.json": #"{"status":404}"#] }
        return Row(place: "a.json#" + place, mend: mend, before: files(before), after: files(after))
    }

    /// A mistake in an event of an HTTP API.
    private static func v2(_ place: String, _ mend: String, _ before: String, _ after: String) -> Row {
        func text(_ members: String) -> String {
            let path = members.contains("rawPath") ? "" : #""rawPath":"/nowhere","#
            return #"{"version":"2.0",\#(path)"requestContext":{"http":{"method":"GET"}},\#(members)}"#
        }
        return event(place, mend, text(before), text(after))
    }

    /// A mistake in an event of a REST API.
    private static func v1(_ place: String, _ mend: String, _ before: String, _ after: String) -> Row {
        func text(_ members: String) -> String {
            let path = members.contains(#""path""#) ? "" : #""path":"/nowhere","#
            return #"{"resource":"/","httpMethod":"GET",\#(path)\#(members)}"#
        }
        return event(place, mend, text(before), text(after))
    }

    /// A mistake in the expectation of an event with an unknown path, `{"error":…,"code":"not_found"}`, or of `event`.
    private static func expected(
        _ place: String,
        _ mend: String,
        _ before: String,
        _ after: String,
        of event: String = #"{"path":"/nowhere"}"#
    ) -> Row {
        func files(_ members: String) -> [String: String] {
            let status = members.contains(#""status""#) ? "" : #""status":404,"#
            return ["a.json": event, "a.expect.json": "{\(status)\(members)}"]
        }
        return Row(place: "a.expect.json#" + place, mend: mend, before: files(before), after: files(after))
    }

    private static let stream =
        #"{"method":"POST","path":"/api/v1/run/chat/stream","query":"token=\#(token)","headers":{"accept":"text/event-stream"}}"#

    private static func given(_ more: String = "") -> String {
        #""given":{"organizations":[{"name":"acme","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)"}]}]"#
            + more + "}"
    }

    /// A mistake in the expectation of a stream whose workflow sends an event with `data`.
    private static func streamed(_ data: String, _ place: String, _ mend: String, _ before: String, _ after: String)
        -> Row
    {
        let given = given(#","workflow":{"events":[{"data":\#(data)}]}"#) + #","status":200,"#
        return expected(place, mend, given + before, given + after, of: stream)
    }

    private static func scenario(_ place: String, _ mend: String, _ before: String, _ after: String) -> Row {
        func files(_ steps: String) -> [String: String] {
            ["s.scenario.json": #"{\#(steps.contains("token=") ? given() + "," : "")"steps":[\#(steps)]}"#]
        }
        return Row(place: "s.scenario.json#" + place, mend: mend, before: files(before), after: files(after))
    }

    private static let step = #"{"event":{"path":"/nowhere"},"expect":{"status":404}}"#
    private static let opening =
        #""event":{"method":"POST","path":"/api/v1/run/echo/stream","query":"token=\#(token)","body":"{\"text\":\"a\"}"}"#
    private static let exactOrAny = #"write {"$exact": {}} for an empty one, {"$type": "object"} for any"#

    private static let events: [Row] = [
        v2("/headers/Accept", "write accept", #""headers":{"Accept":"a"}"#, #""headers":{"accept":"a"}"#),
        v2(
            "/rawPath",
            "put what follows the ? into rawQueryString",
            #""rawPath":"/nowhere?a=b""#,
            #""rawPath":"/nowhere","rawQueryString":"a=b""#
        ),
        v2("/rawQueryString", "leave it out", #""rawQueryString":"?a=b""#, #""rawQueryString":"a=b""#),
        event("/query", "leave it out", #"{"path":"/nowhere","query":"?a"}"#, #"{"path":"/nowhere","query":"a"}"#),
        v2(
            "/queryStringParameters",
            "write them there too",
            #""queryStringParameters":{"a":"b"}"#,
            #""queryStringParameters":{"a":"b"},"rawQueryString":"a=b""#
        ),
        v1(
            "/path",
            "put what follows the ? into queryStringParameters",
            #""path":"/nowhere?a=b""#,
            #""path":"/nowhere","queryStringParameters":{"a":"b"}"#
        ),
        v1(
            "/headers/a",
            "make them agree, or leave headers out",
            #""headers":{"a":"1"},"multiValueHeaders":{"a":["1","2"]}"#,
            #""headers":{"a":"2"},"multiValueHeaders":{"a":["1","2"]}"#
        ),
        v1(
            "/headers/a",
            "make them agree, or leave headers out",
            #""headers":{"a":"1"},"multiValueHeaders":{"a":["1","2"]}"#,
            #""multiValueHeaders":{"a":["1","2"]}"#
        ),
        v1(
            "/multiValueHeaders/b",
            "make them agree, or leave headers out",
            #""headers":{"a":"1"},"multiValueHeaders":{"a":["1"],"b":["2"]}"#,
            #""headers":{"a":"1","b":"2"},"multiValueHeaders":{"a":["1"],"b":["2"]}"#
        ),
        v1(
            "/queryStringParameters/a",
            "make them agree, or leave queryStringParameters out",
            #""queryStringParameters":{"a":"1"},"multiValueQueryStringParameters":{"a":["2"]}"#,
            #""multiValueQueryStringParameters":{"a":["2"]}"#
        ),
        event(
            "/headers/authorization",
            "end it with 3PezG0",
            #"{"path":"/nowhere","headers":{"authorization":"Bearer \#(wrongKey)"}}"#,
            #"{"path":"/nowhere","headers":{"authorization":"Bearer \#(key)"}}"#
        ),
    ]

    private static let expectations: [Row] = [
        expected("/status", "those are from 200 to 599", #""status":20"#, #""status":404"#),
        expected("/status", "a status is of type number", #""status":"404""#, #""status":404"#),
        expected(
            "/headers/allow",
            "a header's value is of type string",
            #""headers":{"allow":{"$oneOf":[1,2]}}"#,
            #""headers":{"allow":{"$oneOf":["GET, POST","1"]}},"status":405"#,
            of: #"{"method":"PUT","path":"/api/v1/token"}"#
        ),
        expected(
            "/body/code/$oneOf",
            "name what the value may be",
            #""body":{"code":{"$oneOf":[]}}"#,
            #""body":{"code":{"$oneOf":["not_found","gone"]}}"#
        ),
        expected(
            "/body/code/$oneOf",
            "write it in place of the matcher",
            #""body":{"code":{"$oneOf":["not_found"]}}"#,
            #""body":{"code":"not_found"}"#
        ),
        expected(
            "/body/code/$oneOf/2",
            "leave it out: absent is none of several values",
            #""body":{"code":{"$oneOf":["not_found","gone",{"$absent":true}]}}"#,
            #""body":{"code":{"$oneOf":["not_found","gone"]}}"#
        ),
        expected(
            "/body/code/$exact",
            "write the value in place of the matcher",
            #""body":{"code":{"$exact":"not_found"}}"#,
            #""body":{"code":"not_found"}"#
        ),
        expected(
            "/body/code",
            "no value is what $type, $regex ask for together: keep one",
            #""body":{"code":{"$type":"null","$regex":"not_found"}}"#,
            #""body":{"code":{"$regex":"not_found"}}"#
        ),
        expected(
            "/body/code/$length",
            "a length is a whole number from 0",
            #""body":{"code":{"$length":9.5}}"#,
            #""body":{"code":{"$length":9}}"#
        ),
        expected(
            "/body/code/$length",
            "a length is of type number",
            #""body":{"code":{"$length":"9"}}"#,
            #""body":{"code":{"$length":9}}"#
        ),
        expected(
            "/body/code/$regex",
            #"write {"$type": "string"} if that is meant"#,
            #""body":{"code":{"$regex":".*"}}"#,
            #""body":{"code":{"$type": "string"}}"#
        ),
        expected(
            "/headers/content-type/$regex",
            #"write {"$type": "string"} if that is meant"#,
            #""headers":{"content-type":{"$regex":".*"}}"#,
            #""headers":{"content-type":{"$type": "string"}}"#
        ),
        expected("/body", exactOrAny, #""body":{}"#, #""body":{"$type": "object"}"#),
        streamed(
            #""{\"a\":1}""#,
            "/events/0/data",
            exactOrAny,
            #""events":[{"data":{}},{"type":"done"}]"#,
            #""events":[{"data":{"$type": "object"}},{"type":"done"}]"#
        ),
        streamed(
            #""{}""#,
            "/events/0/data",
            exactOrAny,
            #""events":[{"data":{}},{"type":"done"}]"#,
            #""events":[{"data":{"$exact": {}}},{"type":"done"}]"#
        ),
        streamed(
            #""{\"a\":{}}""#,
            "/events/0/data/a",
            exactOrAny,
            #""events":[{"data":{"a":{}}},{"type":"done"}]"#,
            #""events":[{"data":{"a":{"$exact": {}}}},{"type":"done"}]"#
        ),
        streamed(
            #""7""#,
            "/events/0/data/$range",
            #"write 7 instead, or "7" where it is a text"#,
            #""events":[{"data":{"$range":[7,7]}},{"type":"done"}]"#,
            #""events":[{"data":"7"},{"type":"done"}]"#
        ),
        streamed(
            #""7""#,
            "/events/0/data/$range",
            #"write 7 instead, or "7" where it is a text"#,
            #""events":[{"data":{"$range":[7,7]}},{"type":"done"}]"#,
            #""events":[{"data":7},{"type":"done"}]"#
        ),
        streamed(
            #""7""#,
            "/events/0/data/$exact",
            "write the value in place of the matcher",
            #""events":[{"data":{"$exact":7}},{"type":"done"}]"#,
            #""events":[{"data":7},{"type":"done"}]"#
        ),
        streamed(
            #""a""#,
            "/events/0",
            exactOrAny,
            #""events":[{},{"type":"done"}]"#,
            #""events":[{"$type": "object"},{"type":"done"}]"#
        ),
        streamed(
            #""a""#,
            "/events/0/text",
            "a server-sent event has type, data and id",
            #""events":[{"text":"a"},{"type":"done"}]"#,
            #""events":[{"data":"a"},{"type":"done"}]"#
        ),
        streamed(
            #""a""#,
            "/events/1/type",
            "an event's type is of type string",
            #""events":[{"data":"a"},{"type":1}]"#,
            #""events":[{"data":"a"},{"type":"done"}]"#
        ),
        streamed(
            #""a""#,
            "/chunks/0",
            "a piece of a body is of type string",
            #""chunks":[1,{"$type":"string"}]"#,
            #""chunks":[{"$regex":"retry: 1000\n\ndata: a\n\n"},{"$type":"string"}]"#
        ),
        streamed(#""a""#, "/store", exactOrAny, #""store":{}"#, #""store":{"$type": "object"}"#),
        streamed(
            #""a""#,
            "/store/organizations/acme",
            exactOrAny,
            #""store":{"organizations":{"acme":{}}}"#,
            #""store":{"organizations":{"acme":{"$type": "object"}}}"#
        ),
        streamed(
            #""a""#,
            "/store/keys",
            "a store has tokens, policies and organizations",
            #""store":{"keys":{"a":1}}"#,
            #""store":{"organizations":{"acme":{"open":0}}}"#
        ),
        streamed(
            #""a""#,
            "/store/organizations/other",
            "name one that is given",
            #""store":{"organizations":{"other":{"open":0}}}"#,
            #""store":{"organizations":{"acme":{"open":0}}}"#
        ),
        streamed(
            #""a""#,
            "/store/organizations/acme",
            "an organization is of type object",
            #""store":{"organizations":{"acme":1}}"#,
            #""store":{"organizations":{"acme":{"open":0}}}"#
        ),
        streamed(
            #""a""#,
            "/store/tokens",
            "what holds tokens is of type object",
            #""store":{"tokens":"used"}"#,
            #""store":{"tokens":{"\#(token)":"used"}}"#
        ),
        streamed(
            #""a""#,
            "/store/tokens/pub_tok_Fixed1…",
            "there are live, reserved, used, revoked, unknown",
            #""store":{"tokens":{"\#(token)":"spent"}}"#,
            #""store":{"tokens":{"\#(token)":"used"}}"#
        ),
        expected(
            "/headers/x-ratelimit-limit/$range",
            #"write 10 instead, or "10" where it is a text"#,
            #"\#(minting),"status":200,"headers":{"x-ratelimit-limit":{"$range":[10,10]}}"#,
            #"\#(minting),"status":200,"headers":{"x-ratelimit-limit":"10"}"#,
            of: mint
        ),
        expected(
            "/body/ttl/$range",
            #"write 60 instead, or "60" where it is a text"#,
            #"\#(minting),"status":200,"body":{"ttl":{"$range":[60,60]}}"#,
            #"\#(minting),"status":200,"body":{"ttl":60}"#,
            of: mint
        ),
    ]

    private static let mint = #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(key)"}}"#
    private static let minting = #""given":{"organizations":[{"name":"acme","keys":[{"secret":"\#(key)"}]}]}"#
    private static func twoKeys(_ token: String = "") -> String {
        #""given":{"organizations":[{"name":"acme","keys":[{"secret":"\#(key)"},{"secret":"\#(otherKey)"}]\#(token)}]},"#
            + #""status":200"#
    }

    private static let given: [Row] = [
        expected(
            "/given/organizations/0/keys/1/secret",
            "leave the key out, or send it as authorization: Bearer sk_…",
            twoKeys(),
            minting + #","status":200"#,
            of: mint
        ),
        Row(
            place: "a.expect.json#/given/organizations/0/keys/1/secret",
            mend: "leave the key out, or send it as authorization: Bearer sk_…",
            before: ["a.json": mint, "a.expect.json": "{\(twoKeys())}"],
            after: [
                "a.json": mint.replacingOccurrences(of: key, with: otherKey), "a.expect.json": "{\(twoKeys())}",
            ]
        ),
        expected(
            "/given/organizations/0/tokens/0/token",
            "leave it out, or name it",
            given() + #","status":200"#,
            minting + #","status":200"#,
            of: mint
        ),
        expected(
            "/given/organizations/0/tokens/0/token",
            "leave it out, or name it",
            given() + #","status":200"#,
            given() + #","status":200,"store":{"tokens":{"\#(token)":"live"}}"#,
            of: mint
        ),
        Row(
            place: "a.expect.json#/given/organizations/0/keys/0/secret",
            mend: "its last 6 characters, the check, must be 3PezG0",
            before: [
                "a.json": mint,
                "a.expect.json": #"{\#(minting.replacingOccurrences(of: key, with: wrongKey)),"status":200}"#,
            ],
            after: ["a.json": mint, "a.expect.json": #"{\#(minting),"status":200}"#]
        ),
        Row(
            place: "a.expect.json#/given/organizations/0/keys/0/secret",
            mend: "the check at its end is missing, which is 3PezG0",
            before: [
                "a.json": mint,
                "a.expect.json":
                    #"{\#(minting.replacingOccurrences(of: key, with: String(key.dropLast(6)))),"status":200}"#,
            ],
            after: ["a.json": mint, "a.expect.json": #"{\#(minting),"status":200}"#]
        ),
        expected(
            "/given/organizations/0/tokens/0/token",
            "its last 6 characters, the check, must be 1aZXa0",
            given().replacingOccurrences(of: "1aZXa0", with: "1aZXa1") + #","status":404"#,
            given() + #","status":200"#,
            of: stream.replacingOccurrences(of: "/run/chat/", with: "/run/count/")
        ),
    ]

    private static let files: [Row] = [
        Row(
            place: "a.json#",
            mend: "write a.expect.json",
            before: ["a.json": #"{"path":"/nowhere"}"#],
            after: ["a.json": #"{"path":"/nowhere"}"#, "a.expect.json": #"{"status":404}"#]
        ),
        Row(
            place: "a.expect.json#",
            mend: "write a.json, or remove this",
            before: ["a.expect.json": #"{"status":404}"#],
            after: ["a.json": #"{"path":"/nowhere"}"#, "a.expect.json": #"{"status":404}"#]
        ),
        Row(
            place: "a.expect.json#",
            mend: "write a.json, or remove this",
            before: ["a.expect.json": #"{"status":404}"#, "s.scenario.json": #"{"steps":[\#(step)]}"#],
            after: ["s.scenario.json": #"{"steps":[\#(step)]}"#]
        ),
        Row(
            place: "a.scenario.json#",
            mend: "rename one of them",
            before: [
                "a.json": #"{"path":"/nowhere"}"#, "a.expect.json": #"{"status":404}"#,
                "a.scenario.json": #"{"steps":[\#(step)]}"#,
            ],
            after: [
                "a.json": #"{"path":"/nowhere"}"#, "a.expect.json": #"{"status":404}"#,
                "b.scenario.json": #"{"steps":[\#(step)]}"#,
            ]
        ),
        Row(
            place: "a.json#",
            mend: "is UTF-16 or UTF-32: save it as UTF-8",
            before: ["a.json": "{\0\"\0", "a.expect.json": #"{"status":404}"#],
            after: ["a.json": "\u{FEFF}{\"path\":\"/nowhere\"}", "a.expect.json": "\u{FEFF}{\"status\":404}"]
        ),
    ]

    private static let scenarios: [Row] = [
        scenario(
            "/steps/0/name",
            "leave the name out, or refer to it as in ${a.status}",
            #"{"name":"a","event":{"path":"/nowhere"},"expect":{"status":404}}"#,
            step
        ),
        scenario(
            "/steps/0/name",
            "leave the name out, or refer to it as in ${a.status}",
            #"{"name":"a","event":{"path":"/nowhere"},"expect":{"status":404}},\#(step)"#,
            #"{"name":"a","event":{"path":"/nowhere"},"expect":{"status":404}},"#
                + #"{"event":{"path":"/nowhere"},"expect":{"status":"${a.status}"}}"#
        ),
        scenario(
            "/steps/0/expect/status",
            "leave it out, and expect something of the store",
            #"{\#(opening),"faults":{"killed":"commit"},"expect":{"status":200}}"#,
            #"{\#(opening),"faults":{"killed":"commit"},"expect":{"store":{"tokens":{"\#(token)":"used"}}}}"#
        ),
        scenario(
            "/steps/1/parallel",
            "add steps with an event",
            #"\#(step),{"parallel":[]}"#,
            #"\#(step),{"parallel":[\#(step)]}"#
        ),
        scenario(
            "/steps/0/statuses",
            "there are 2 responses to count: let the numbers add up to that",
            #"{"parallel":[\#(step),\#(step)],"statuses":{"404":3}}"#,
            #"{"parallel":[\#(step),\#(step)],"statuses":{"404":2}}"#
        ),
        scenario("/steps/1", "leave it out, or add a step with an event", #"\#(step),{"advance":"1s"}"#, step),
        scenario(
            "/steps/1",
            "leave it out, or add a step with an event",
            #"\#(step),{"advance":"1s"}"#,
            #"\#(step),{"advance":"1s"},\#(step)"#
        ),
        scenario("/steps", #"add "expect" to a step"#, #"{"event":{"path":"/nowhere"}}"#, step),
        scenario(
            "/steps/0/event/query",
            "leave it out",
            #"{"event":{"path":"/nowhere","query":"?a"},"expect":{"status":404}}"#,
            #"{"event":{"path":"/nowhere","query":"a"},"expect":{"status":404}}"#
        ),
        scenario(
            "/steps/0/event/headers/authorization",
            "end it with 3PezG0",
            #"{"event":{"path":"/nowhere","headers":{"authorization":"Bearer \#(wrongKey)"}},"expect":{"status":404}}"#,
            #"{"event":{"path":"/nowhere","headers":{"authorization":"Bearer \#(key)"}},"expect":{"status":404}}"#
        ),
    ]

    @Test(
        "after the suggested correction lint finds nothing, and the fixture passes",
        arguments: events + expectations + given + files + scenarios
    )
    func mend(row: Row) async throws {
        let before = try TemporaryFolder()
        for (name, text) in row.before { try before.write(name, text) }
        let broken = CapturedConsole()
        _ = try await broken.run(["lint", before.path])
        let findings = broken.output.replacingOccurrences(of: before.path + "/", with: "").split(separator: "\n")
        #expect(
            findings.contains { $0.hasPrefix(row.place + ": ") && $0.hasSuffix(row.mend) },
            "\(broken.output)"
        )

        let after = try TemporaryFolder()
        for (name, text) in row.after { try after.write(name, text) }
        let mended = CapturedConsole()
        try await expect(mended.run(["lint", after.path, "--strict"]), is: .success, "\(mended.output)")
        let replayed = CapturedConsole()
        try await expect(replayed.run(["replay", after.path]), is: .success, "\(replayed.output)")
        #expect(!replayed.output.contains("no expectation"))
    }
}
