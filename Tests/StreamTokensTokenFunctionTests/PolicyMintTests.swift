import FunctionCore
import FunctionEventLoop
import StreamTokens
import Support
import Testing

@testable import StreamTokensTokenFunction

@Suite("POST of a policy")
struct PolicyMintTests {
    private static let tag = Tag.random(SeededGenerator.bits(seed: 1))
    private static let key = APIKey.random(tag: tag, SeededGenerator.bits(seed: 2))

    private let store = MemoryTokenStore { 1_700_000_000_000 }
    private let events = Lock<[TokenEvent]>([])

    init() async throws {
        _ = await store.organization(named: "acme") { Self.tag }
        try await store.addKey(Self.key.key, name: nil, limit: .default, requiresPolicy: false)
    }

    private func ask(
        _ body: Body?,
        method: Method = .post,
        query: String? = nil,
        ttlPolicy: TTLPolicy = .strict,
        store: (any TokenStore)? = nil
    ) async throws -> (status: Int, text: String, cause: String?) {
        let function = TokenFunction(
            store: store ?? self.store,
            randomBits: SeededGenerator.bits(seed: 3),
            ttlPolicy: ttlPolicy,
            report: { [events] event, _ in events.withLock { $0.append(event) } }
        )
        var request = Request(method: method, path: TokenFunction.path, query: query, body: body ?? .empty)
        request.headers.append(.authorization, try #require(Headers.Value("Bearer \(Self.key.text)")))
        let response = await function.handle(request)
        return (response.status.code, await TokenFunctionTests.body(response) ?? "", response.cause)
    }

    private func details() async throws -> TokenDetails {
        let token = StreamToken.random(tag: Self.tag, SeededGenerator.bits(seed: 3)).token
        return await store.inspect(token)
    }

    @Test("mints a token that carries it, and answers as GET does")
    func minted() async throws {
        let body = #"{"ttl":7,"workflows":["chat"],"variables":{"model":"m"},"user":"u-1"}"#
        let text = StreamToken.random(tag: Self.tag, SeededGenerator.bits(seed: 3)).text
        let response = try await ask(.text(body))
        #expect(response.status == 200)
        #expect(response.text == #"{"success":true,"token":"\#(text)","ttl":7}"#)
        let details = try await details()
        #expect(details.user == "u-1")
        #expect(details.policy == (try MintRequest(reading: Array(body.utf8)).policy))
        guard case .live(_, let minted, let expiry) = details.state else { throw NotLive() }
        #expect(expiry - minted == 7000)
        let token = try #require(StreamToken(text))
        #expect(events.withLock { $0 } == [.minted(token, with: Self.key.key, ttl: 7, user: "u-1")])
    }

    struct NotLive: Error {}

    @Test("may say nothing: then the token is as one of GET, for 60 s")
    func empty() async throws {
        try await expect(ask(.text("{}")).status, is: 200)
        let details = try await details()
        #expect(details.policy == nil)
        guard case .live(_, let minted, let expiry) = details.state else { throw NotLive() }
        #expect(expiry - minted == 60_000)
    }

    @Test("has a ttl that is judged by the same setting as GET's", arguments: [("301", 300), ("0", 1)])
    func clamped(written: String, ttl: Int) async throws {
        let body = Body.text(#"{"ttl":\#(written)}"#)
        try await expect(ask(body).text.contains("Invalid policy: ttl: "), is: true)
        try await expect(ask(body, ttlPolicy: .clamp).text.contains(#""ttl":\#(ttl)}"#), is: true)
    }

    @Test(
        "that is not valid is refused before the store is asked, with the place in the text and not in the log",
        arguments: [
            ("", "the body is empty"), ("[]", "the body must be"), ("{", ""), (#"{"secretName":1}"#, "secretName: "),
            (#"{"workflows":["a","b","c d"]}"#, "workflows/2: "),
            (#"{"variables":{"secretName":"\u0000"}}"#, "variables/"),
            (#"{"user":"a","user":"b"}"#, "user: "),
        ]
    )
    func invalid(body: String, place: String) async throws {
        let down = FixedStore(outcome: .failure(StoreError("down", mayHaveBeenExecuted: false)))
        let response = try await ask(.text(body), store: down)
        #expect(response.status == 400)
        #expect(response.text.hasPrefix(#"{"error":"Invalid policy: \#(place)"#))
        #expect(response.text.hasSuffix(#","success":false,"code":"invalid_policy"}"#))
        #expect(response.cause?.hasPrefix("invalid policy: ") == true)
        #expect(response.cause?.contains("secretName") == false)
        #expect(events.withLock { $0 } == [.refused(.invalidPolicy, Self.key.key)])
    }

    @Test("is read up to 16 KiB, however it is sent", arguments: [true, false])
    func size(isAnnounced: Bool) async throws {
        let most = #"{"user":"u-1"}"# + String(repeating: " ", count: 16_384 - 14)
        for (text, status) in [(most, 200), (most + " ", 400)] {
            let bytes = Array(text.utf8)
            let body = Body.stream(length: isAnnounced ? bytes.count : nil) { writer in
                try await writer.write(Array(bytes[..<9000]))
                try await writer.write(Array(bytes[9000...]))
            }
            try await expect(ask(body).status, is: status)
        }
    }

    @Test("whose body breaks off mints nothing")
    func broken() async throws {
        struct Gone: Error {}
        let response = try await ask(.stream { _ in throw Gone() })
        #expect(response.status == 400 && response.text.contains("the body could not be read"))
        try await expect(details().state, is: .unknown)
    }

    @Test(
        "is looked for in the query too: no part of a policy is dropped in silence",
        arguments: [
            (Method.post, "ttl=60", "ttl"), (.post, "ttl", "ttl"), (.post, "a&opens=at_once", "opens"),
            (.post, "m%61x_seconds=5", "max_seconds"), (.get, "user=u", "user"), (.get, "ttl=60&allow", "allow"),
            (.get, "ttl=60&a=b&variables=%7B%7D", "variables"), (.get, "workflows=a&origins=b", "workflows"),
        ]
    )
    func query(method: Method, query: String, member: String) async throws {
        let response = try await ask(method == .post ? .text("{}") : nil, method: method, query: query)
        #expect(response.status == 400)
        let text = "Invalid policy: the query names \(member); send a policy as JSON by POST."
        #expect(response.text == #"{"error":"\#(text)","success":false,"code":"invalid_policy"}"#)
        try await expect(details().state, is: .unknown)
    }

    @Test(
        "may have other parameters in its query, and so may GET",
        arguments: [(Method.post, "User=u&a"), (.get, "ttl=60&b=c&usér=u&TTL=1&max-seconds=2")]
    )
    func others(method: Method, query: String) async throws {
        try await expect(ask(method == .post ? .text("{}") : nil, method: method, query: query).status, is: 200)
    }

    @Test("is required by keys that say so")
    func required() async throws {
        try await store.addKey(Self.key.key, name: nil, limit: .default, requiresPolicy: true)
        for body in [nil, "{}", #"{"ttl":5}"#] as [String?] {
            let response = try await ask(body.map { .text($0) }, method: body == nil ? .get : .post)
            #expect(response.status == 403)
            let text = "This key mints only tokens with a policy. Send a policy as JSON by POST."
            #expect(response.text == #"{"error":"\#(text)","success":false,"code":"policy_required"}"#)
        }
        #expect(events.withLock { $0 } == Array(repeating: .refused(.policyRequired, Self.key.key), count: 3))
        try await expect(ask(.text(#"{"allow":[]}"#)).status, is: 200)
    }
}
