import FunctionCore
import StreamTokens
import Support
import Testing

@Suite("The body of a mint with a policy")
struct MintRequestTests {
    private static func read(_ text: String, clampsTTL: Bool = false) throws(PolicyError) -> MintRequest {
        try MintRequest(reading: Array(text.utf8), clampsTTL: clampsTTL)
    }

    private static func list(_ count: Int, _ element: (Int) -> String = { "\"name\($0)\"" }) -> String {
        "[" + (0..<count).map(element).joined(separator: ",") + "]"
    }

    @Test("all its members are read")
    func members() throws {
        let request = try Self.read(
            #"""
            {"ttl": 7, "workflows": ["echo", "A_b-9"], "variables": {"model": "m", "depth": 1.50},
             "allow": ["text", "größe"], "origins": ["https://app.example", "http://localhost:3000"],
             "user": "u~!", "max_seconds": 86400, "opens": "at_once", "resume_seconds": 300}
            """#
        )
        #expect(request.ttl == 7)
        let policy = try #require(request.policy)
        #expect(policy.workflows == ["echo", "A_b-9"])
        #expect(policy.variables?.text == Array(#"{"model": "m", "depth": 1.50}"#.utf8))
        #expect(policy.variables?.members.map(\.name) == ["model", "depth"])
        #expect(policy.variables?.members.value(of: "depth") == .number(1.5))
        #expect(policy.allow == ["text", "größe"])
        #expect(policy.origins == ["https://app.example", "http://localhost:3000"])
        #expect(policy.user == "u~!")
        #expect(policy.maxSeconds == 86_400)
        #expect(policy.opens == .atOnce)
        #expect(policy.resumeSeconds == 300)
    }

    @Test("a member that is absent decides nothing")
    func absent() throws {
        let request = try Self.read(#"{"user": "u"}"#)
        #expect(request.ttl == nil)
        let policy = try #require(request.policy)
        #expect(policy.workflows == nil && policy.variables == nil && policy.allow == nil && policy.origins == nil)
        #expect(policy.maxSeconds == nil && policy.opens == nil && policy.resumeSeconds == nil)
    }

    @Test(
        "a body that decides nothing has no policy",
        arguments: ["{}", " { } ", #"{"ttl":60}"#, #"{"variables":{}}"#]
    )
    func empty(text: String) throws {
        try expect(Self.read(text).policy, is: nil)
    }

    @Test("an empty list of allowed names is a policy: the page may send nothing")
    func allowNothing() throws {
        #expect(try Self.read(#"{"allow":[]}"#).policy?.allow == [])
    }

    @Test(
        "what a store keeps of a policy is the same policy again, and the user is not in it",
        arguments: [
            #"{"workflows":["echo"]}"#, #"{"user":"u-1"}"#, #"{"allow":[]}"#, #"{"opens":"at_first_byte"}"#,
            #"{"variables":{"a":1e2,"b":[{}, null , "\u00e9\""]},"user":"u-1","allow":["\"","\n"],"max_seconds":1}"#,
            #"{"origins":["https://a.example"],"workflows":["a","b"],"opens":"at_once","ttl":300}"#,
        ]
    )
    func encoding(text: String) throws {
        let policy = try #require(try Self.read(text).policy)
        #expect(!policy.encoded.contains(Array("u-1".utf8)))
        let kept = try #require(Policy(user: policy.user, encoded: policy.encoded))
        #expect(kept == policy)
        #expect(kept.workflows == policy.workflows && kept.variables == policy.variables && kept.user == policy.user)
        #expect(kept.allow == policy.allow && kept.origins == policy.origins && kept.opens == policy.opens)
        #expect(kept.maxSeconds == policy.maxSeconds)
    }

    @Test(
        "other bytes than those of a policy are none",
        arguments: ["", "{", "[]", #"{"ttl":1}"#, #"{"user":"u"}"#, #"{"later":1}"#, #"{"workflows":[]}"#]
    )
    func foreign(text: String) {
        #expect(Policy(user: nil, encoded: Array(text.utf8)) == nil)
        #expect(Policy(user: "a b", encoded: Array("{}".utf8)) == nil)
    }

    @Test(
        "a ttl or a number of seconds is digits within its range",
        arguments: ["0", "301", "60.0", "6e1", "-1", #""60""#, "null", "true", "[60]", "18446744073709551677", "1E2"]
    )
    func numbers(value: String) {
        let ttl = #expect(throws: PolicyError.self) { try Self.read(#"{"ttl":\#(value)}"#) }
        #expect(ttl?.description == "ttl: must be a whole number from 1 to 300, in digits")
        if value == "301" { return }
        let seconds = #expect(throws: PolicyError.self) { try Self.read(#"{"max_seconds":\#(value)}"#) }
        #expect(seconds?.description == "max_seconds: must be a whole number from 1 to 86400, in digits")
        if value == "0" { return }
        let window = #expect(throws: PolicyError.self) { try Self.read(#"{"resume_seconds":\#(value)}"#) }
        #expect(window?.description == "resume_seconds: must be a whole number from 0 to 300, in digits")
    }

    @Test(
        "a ttl is clamped if the server clamps, and still has to be digits",
        arguments: [("0", 1), ("1", 1), ("300", 300), ("301", 300), ("99999999999999999999999", 300)]
    )
    func clamping(text: String, ttl: Int) throws {
        #expect(try Self.read(#"{"ttl":\#(text)}"#, clampsTTL: true).ttl == ttl)
        #expect(throws: PolicyError.self) { try Self.read(#"{"ttl":\#(text).0}"#, clampsTTL: true) }
        #expect(throws: PolicyError.self) { try Self.read(#"{"max_seconds":0}"#, clampsTTL: true) }
    }

    @Test(
        "a refusal names the place and repeats no value",
        arguments: [
            (#"{"workflow":["a"]}"#, "workflow: is unknown; known members are ttl, workflows, variables"),
            (#"{"workflows":["a","b","a b"]}"#, "workflows/2: is not a workflow's name"),
            (#"{"workflows":["a","b","a"]}"#, "workflows/2: is there twice"),
            (#"{"workflows":["a",1]}"#, "workflows/1: must be a string, not number"),
            (#"{"workflows":[""]}"#, "workflows/0: is not a workflow's name"),
            (#"{"workflows":["größe"]}"#, "workflows/0: is not a workflow's name"),
            (#"{"workflows":[]}"#, "workflows: must not be empty"),
            (#"{"workflows":"a"}"#, "workflows: must be an array of strings, not string"),
            (#"{"workflows":null}"#, "workflows: must be an array of strings, not null"),
            (#"{"origins":[]}"#, "origins: must not be empty"),
            (#"{"origins":["https://a.example/x"]}"#, "origins/0: holds https://a.example/x, which has more than"),
            (#"{"origins":["https://a.example","*"]}"#, "origins/1: holds *, which has a wildcard"),
            (
                #"{"origins":["https://A.example"]}"#,
                "origins/0: is not written as browsers do; write https://a.example"
            ),
            (#"{"origins":["https://a.example:443"]}"#, "origins/0: is not written as browsers do; write https://a.ex"),
            (#"{"origins":["https://me:secret@a.example"]}"#, "origins/0: holds an entry with a user or a password"),
            (#"{"variables":[1]}"#, "variables: must be an object, not array"),
            (#"{"variables":{"a":1,"b":2,"a":3}}"#, "variables/a: is there twice, at line 1, column 27"),
            (
                #"{"variables":{"a":{"top-secret":{"inner":1,"inner":2}}}}"#,
                "variables/a: has a member twice, at line 1"
            ),
            (#"{"variables":{"a":"top-secret}}"#, "variables/a: at line 1, column 19: unterminated string"),
            (#"{"variables":{"a":"top-secret\ud800"}}"#, "variables/a: at line 1, column 30: half a surrogate pair"),
            (#"{"variables":{"a":["top-secret\u0000"]}}"#, "variables/a: has the character U+0000"),
            (#"{"variables":{"a":[{"\u0000":1}]}}"#, "variables/a: has the character U+0000"),
            (#"{"variables":{"a\u0000":1}}"#, #"variables/a\u{0}: has the character U+0000"#),
            (#"{"variables":{"":1}}"#, "variables/: is an empty name"),
            (#"{"variables":{"a/b~c":\#("\u{0}")}}"#, "variables/a~1b~0c: at line 1, column 23: no JSON value"),
            (
                #"{"variables":{"\u00e9":1,"e\u0301":2}}"#,
                "variables/e\u{301}: is there twice, perhaps in another Unicode"
            ),
            (#"{"allow":["\u00e9","e\u0301"]}"#, "allow/1: is there twice, perhaps in another Unicode form"),
            (#"{"allow":[{}]}"#, "allow/0: must be a string, not object"),
            (#"{"user":""}"#, "user: must have 1 to 128 visible ASCII characters"),
            (#"{"user":"a b"}"#, "user: must have 1 to 128 visible ASCII characters"),
            (#"{"user":"a\nb"}"#, "user: must have 1 to 128 visible ASCII characters"),
            (#"{"user":"ü"}"#, "user: must have 1 to 128 visible ASCII characters"),
            (#"{"user":7}"#, "user: must be a string, not number"),
            (#"{"user":"a","user":"a"}"#, "user: is there twice, at line 1, column 13"),
            (#"{"user":"\udc00"}"#, "user: at line 1, column 10: half a surrogate pair"),
            (#"{"opens":"at once"}"#, "opens: must be at_first_byte or at_once"),
            (#"{"opens":true}"#, "opens: must be a string, not boolean"),
            ("", "the body is empty; send {} if no policy is meant"),
            ("[]", "the body must be a JSON object"),
            (#""{}""#, "the body must be a JSON object"),
            ("{} {}", "at line 1, column 4: unexpected text after the value"),
            ("\u{FEFF}{}", "at line 1, column 1: no JSON value begins like this"),
        ]
    )
    func refusals(text: String, description: String) {
        let error = #expect(throws: PolicyError.self) { try Self.read(text) }
        #expect(error?.description.hasPrefix(description) == true, "\(String(describing: error))")
        for text in [error?.description, error?.cause] {
            #expect(text?.contains("top-secret") == false && text?.contains("me:secret") == false)
        }
    }

    @Test("a name from outside is told on one line and cut, and logs get none of it")
    func names() throws {
        let text = "{\"\\u202e\\n\(String(repeating: "x", count: 200))\":1}"
        let error = try #require(#expect(throws: PolicyError.self) { try Self.read(text) })
        #expect(error.place == #"\u{202e}\u{a}"# + String(repeating: "x", count: 51) + "…")
        #expect(error.cause == "an unknown member")
        let inner = #expect(throws: PolicyError.self) { try Self.read(#"{"variables":{"mine":1,"mine":2}}"#) }
        #expect(inner?.cause == "variables, line 1, column 24")
        let syntax = #expect(throws: PolicyError.self) { try Self.read(#"{"secret name":"#) }
        #expect(syntax?.cause == "an unknown member, line 1, column 16")
    }

    @Test("each list and each text has its limit")
    func limits() throws {
        let name = String(repeating: "n", count: 64)
        #expect(try Self.read(#"{"workflows":["\#(name)"]}"#).policy?.workflows == [name])
        #expect(throws: PolicyError.self) { try Self.read(#"{"workflows":["\#(name)n"]}"#) }
        for (member, limit, element) in [
            ("workflows", 16, { "\"name\($0)\"" }), ("allow", 64, { "\"name\($0)\"" }),
            ("origins", 16, { "\"https://a\($0).example\"" }),
        ] as [(String, Int, (Int) -> String)] {
            _ = try Self.read("{\"\(member)\":\(Self.list(limit, element))}")
            let error = #expect(throws: PolicyError.self) {
                try Self.read("{\"\(member)\":\(Self.list(limit + 1, element))}")
            }
            #expect(error?.description == "\(member): has \(limit + 1) entries; at most \(limit) are allowed")
        }
        let host = String(repeating: "h", count: 512 - 6)
        #expect(try Self.read(#"{"origins":["app://\#(host)"]}"#).policy?.origins == ["app://\(host)"])
        let long = #expect(throws: PolicyError.self) { try Self.read(#"{"origins":["app://\#(host)h/"]}"#) }
        #expect(long?.description == "origins/0: is longer than any origin")
        let user = String(repeating: "u", count: 128)
        #expect(try Self.read(#"{"user":"\#(user)"}"#).policy?.user == user)
        #expect(throws: PolicyError.self) { try Self.read(#"{"user":"\#(user)u"}"#) }
        let value = String(repeating: "v", count: 8192 - 8)
        #expect(try Self.read(#"{"variables":{"a":"\#(value)"}}"#).policy?.variables?.text.count == 8192)
        let error = #expect(throws: PolicyError.self) { try Self.read(#"{"variables":{"a":"\#(value)v"}}"#) }
        #expect(error?.description == "variables: has 8193 bytes; at most 8192 are allowed")
    }

    @Test("the body has at most 16 KiB")
    func size() throws {
        #expect(try Self.read("{}" + String(repeating: " ", count: 16_384 - 2)).policy == nil)
        let error = #expect(throws: PolicyError.self) { try Self.read("{}" + String(repeating: " ", count: 16_383)) }
        #expect(error?.description == "the body has more than 16384 bytes")
    }

    @Test("deep nesting is refused with the member's name, whatever is nested", arguments: ["[", #"{"top-secret":"#])
    func depth(opening: String) {
        for count in [70, 1000, 100_000] {
            let text = #"{"variables":{"a":"# + String(repeating: opening, count: count)
            let error = #expect(throws: PolicyError.self) { try Self.read(text) }
            guard text.utf8.count <= MintRequest.sizeLimit else {
                #expect(error?.description == "the body has more than 16384 bytes")
                continue
            }
            #expect(error?.description.hasPrefix("variables/a: at line 1, column ") == true)
            #expect(error?.description.hasSuffix("more than 64 levels deep") == true)
            #expect(error?.description.contains("top-secret") == false)
        }
    }

    @Test("marks that pile up are refused, before anything is compared")
    func marks() throws {
        let piled = "e" + String(repeating: "\u{301}", count: 31)
        for text in [#"{"variables":{"\#(piled)":1}}"#, #"{"allow":["\#(piled)"]}"#] {
            let error = #expect(throws: PolicyError.self) { try Self.read(text) }
            #expect(error?.reason == "has more than 30 combining marks in a row")
        }
        _ = try Self.read(#"{"allow":["\#(piled.dropLast())\#(String(repeating: "\u{301}", count: 30))"]}"#)
    }

    @Test(
        "every body is read in linear time",
        arguments: [
            Hostile("many workflows") { #"{"workflows":["# + String(repeating: #""a","#, count: $0 / 4) + #""a"]}"# },
            Hostile("a name of marks") { #"{"variables":{"\#(HostileText.marks($0 / 4))":1}}"# },
            Hostile("names of marks") { count in
                let names = (0..<count / 80).map { "\"e\(String(repeating: "\u{301}", count: 30))\($0)\":1" }
                return #"{"variables":{\#(names.joined(separator: ","))}}"#
            },
            Hostile("many members") { count in
                "{" + (0..<count / 10).map { "\"\($0)\":1" }.joined(separator: ",") + "}"
            },
            Hostile("many variables") { count in
                #"{"variables":{"# + (0..<count / 10).map { "\"\($0)\":1" }.joined(separator: ",") + "}}"
            },
            Hostile("a long number") { #"{"ttl":\#(String(repeating: "9", count: min($0, 300)))}"# },
            Hostile("a long name to escape") { #"{"\#(String(repeating: #"\u0001"#, count: $0 / 6))":1}"# },
            Hostile("an origin of many letters") { #"{"origins":["https://\#(HostileText.marks($0 / 4))"]}"# },
            Hostile("an origin of many dots") {
                #"{"origins":["https://\#(String(repeating: "a.", count: $0 / 2))"]}"#
            },
        ]
    )
    func linear(_ hostile: Hostile) {
        let growth = Growth.ofTime(from: 960) {
            Array(hostile.text($0).utf8)
        } _: { body in
            for _ in 0..<20 { _ = try? MintRequest(reading: body) }
        }
        #expect(growth < Growth.limit)
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool {
        guard count >= other.count else { return false }
        return (0...count - other.count).contains { self[$0..<$0 + other.count].elementsEqual(other) }
    }
}
