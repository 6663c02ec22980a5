import FunctionCore
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("A fixture's store")
struct GivenStoreTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
    private static let other = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber023nzNBm"

    private func store(_ organization: String) async throws -> GivenStore {
        let text = #"{"organizations":[{"name":"acme","keys":[{"secret":"\#(Self.key)"}],\#(organization)}]}"#
        return try await GivenStore(GivenParts(try JSONReader.read(Array(text.utf8)), at: .root).given())
    }

    @Test(
        "a given token has its state, however long ago it was minted",
        arguments: [
            ("", "live", 0), (#","age":59"#, "live", 0), (#","age":60"#, "unknown", 0),
            (#","age":60,"ttl":61"#, "live", 0), (#","state":"reserved""#, "reserved", 1),
            (#","age":5000,"state":"reserved""#, "reserved", 1), (#","state":"used""#, "used", 0),
            (#","age":119,"state":"used""#, "used", 0), (#","age":120,"state":"used""#, "unknown", 0),
            (#","state":"revoked","ttl":300,"age":299"#, "revoked", 0),
        ]
    )
    func tokens(members: String, state: String, held: Double) async throws {
        // No limit of its organization keeps it from being made.
        let store = try await store(#""credits":0,"max_streams":0,"tokens":[{"token":"\#(Self.token)"\#(members)}]"#)
        try await expect(
            store.contents(),
            is: .object([
                .init(name: "tokens", value: .object([.init(name: Self.token, value: .string(state))])),
                .init(name: "organizations", value: .object([.init(name: "acme", value: holding(0, held: held))])),
            ])
        )
    }

    private func holding(_ credits: Double?, held: Double) -> JSON {
        .object([
            .init(name: "credits", value: credits.map { .number($0) } ?? .null),
            .init(name: "held", value: .number(held)), .init(name: "open", value: .number(0)),
        ])
    }

    @Test("each token is minted at its own time, and unlimited credits are null")
    func ages() async throws {
        let store = try await store(
            #""tokens":[{"token":"\#(Self.token)","ttl":10,"age":9},{"token":"\#(Self.other)","ttl":10,"age":10}]"#
        )
        guard case .object(let members) = try await store.contents() else {
            Issue.record("no object")
            return
        }
        #expect(
            members.map(\.value) == [
                .object([
                    .init(name: Self.token, value: .string("live")), .init(name: Self.other, value: .string("unknown")),
                ]),
                .object([.init(name: "acme", value: holding(nil, held: 0))]),
            ]
        )
    }

    @Test("a given token has its policy, of which the contents tell the names of locked variables and no value")
    func policies() async throws {
        let policy = #"""
            {"workflows":["echo"],"variables":{"model":"secret","a":1},"allow":["text"],
             "origins":["https://app.example"],"user":"u-1","max_seconds":5,"opens":"at_once","resume_seconds":7}
            """#
        let store = try await store(
            #""tokens":[{"token":"\#(Self.token)","policy":\#(policy)},{"token":"\#(Self.other)"}]"#
        )
        let contents = try await store.contents()
        try expect(
            contents.member("policies")?.description,
            is: #"{"\#(Self.token)":{"workflows":["echo"],"variables":["model","a"],"allow":["text"],"#
                + #""origins":["https://app.example"],"user":"u-1","max_seconds":5,"opens":"at_once","resume_seconds":7}}"#
        )
        #expect(!contents.description.contains("secret"))
    }

    @Test("a given key may require a policy, also of tokens that were minted with it before")
    func requiredPolicy() async throws {
        let text = #"""
            {"organizations":[{"name":"acme","keys":[{"secret":"\#(Self.key)","require_policy":true}],
             "tokens":[{"token":"\#(Self.token)"}]}]}
            """#
        let store = try await GivenStore(GivenParts(try JSONReader.read(Array(text.utf8)), at: .root).given())
        let key = try #require(APIKey(Self.key))
        let minted = StreamToken.random(tag: key.tag) { .random(in: 0 ... .max) }.token
        let outcome = try await store.store.mint(minted, with: key, ttl: 60)
        #expect(outcome == .policyRequired)
        guard case .live = try await store.store.show(try #require(StreamToken(Self.token))) else {
            Issue.record("not live")
            return
        }
    }

    @Test(
        "a policy that its function would refuse is refused with its place",
        arguments: [
            (#"{"workflows":["a b"]}"#, "#/organizations/0/tokens/0/policy: is no policy: workflows/0: "),
            (#"{"ttl":5,"user":"a"}"#, "#/organizations/0/tokens/0/policy/ttl: belongs beside the policy"),
            ("{}", "#/organizations/0/tokens/0/policy: says nothing: leave it out"),
            (#""a""#, "#/organizations/0/tokens/0/policy: is no policy: "),
        ]
    )
    func badPolicy(policy: String, text: String) async throws {
        do {
            _ = try await store(#""tokens":[{"token":"\#(Self.token)","policy":\#(policy)}]"#)
            Issue.record("taken")
        } catch let error as FixtureError {
            #expect("\(error.description(in: ""))".hasPrefix(text), "\(error.description(in: ""))")
        }
    }

    @Test("mints of given tokens do not count against the key's limit; its given uses do")
    func limit() async throws {
        let text = #"""
            {"organizations":[{"name":"acme","keys":[{"secret":"\#(Self.key)","limit":3,"window":60,"used":1}],
             "tokens":[{"token":"\#(Self.token)"},{"token":"\#(Self.other)","age":30}]}]}
            """#
        let given = try GivenParts(try JSONReader.read(Array(text.utf8)), at: .root).given()
        let store = try await GivenStore(given)
        let key = try #require(APIKey(Self.key))
        let minted = StreamToken.random(tag: key.tag) { .random(in: 0 ... .max) }.token
        let outcome = try await store.store.mint(minted, with: key, ttl: 60)
        #expect(outcome == .minted(Rate(limit: 3, remaining: 1, retryAfter: 0)))
    }

    @Test("a token of a disabled key is revoked")
    func disabledKey() async throws {
        let text = #"""
            {"organizations":[{"name":"acme","keys":[{"secret":"\#(Self.key)","enabled":false}],
             "tokens":[{"token":"\#(Self.token)"}]}]}
            """#
        let store = try await GivenStore(GivenParts(try JSONReader.read(Array(text.utf8)), at: .root).given())
        let token = try #require(StreamToken(Self.token))
        guard case .revoked = try await store.store.show(token) else {
            Issue.record("not revoked")
            return
        }
    }

    @Test("secrets are swapped everywhere: in escapes, in patterns, in the names of members")
    func swap() throws {
        let text =
            #"{"organizations":[{"name":"a","keys":[{"secret":"\#(Self.key)"}],"tokens":[{"token":"\#(Self.token)"}]}]}"#
        let swap = SecretSwap(try GivenParts(try JSONReader.read(Array(text.utf8)), at: .root).given())
        func swapped(_ text: String) throws -> String {
            swap.swapped(try JSONReader.read(Array(text.utf8))).description
        }
        let key = try swapped(#""\#(Self.key)""#)
        let tag = key.dropFirst(4).prefix(6)
        #expect(APIKey(String(key.dropFirst().dropLast())) != nil && tag != "Fixed1")
        try expect(swapped(#""\u0073k_\#(Self.key.dropFirst(3))""#), is: key)
        let token = try swapped(#""\#(Self.token)""#)
        try expect(
            swapped(#"{"tokens":{"\#(Self.token)":["a \#(Self.token)."]}}"#),
            is: #"{"tokens":{\#(token):["a \#(token.dropFirst().dropLast())."]}}"#
        )
        try expect(
            swapped(#""pub_tok_Fixed1[0-9A-Za-z]{36} sk_Fixed1""#),
            is: #""pub_tok_\#(tag)[0-9A-Za-z]{36} sk_\#(tag)""#
        )
        // What is not given stays: the fixture may want just that.
        try expect(swapped(#""\#(Self.other)""#), is: #""\#(Self.other)""#)
    }
}
