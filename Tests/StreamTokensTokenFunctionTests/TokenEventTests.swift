import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensTokenFunction
import Support
import Testing

@Suite("The event of a request for a token")
struct TokenEventTests {
    private static let tag = Tag.random(SeededGenerator.bits(seed: 1))
    private static let key = APIKey.random(tag: tag, SeededGenerator.bits(seed: 2))
    private static let rate = Rate(limit: 10, remaining: 0, retryAfter: 1)

    /// The events of one request whose mint has this outcome.
    private func events(
        _ outcome: Result<MintOutcome, StoreError>,
        authorization: [String] = ["Bearer \(key.text)"],
        path: String = TokenFunction.path,
        query: String? = nil
    ) async throws -> [TokenEvent] {
        let events = Lock<[TokenEvent]>([])
        let function = TokenFunction(store: FixedStore(outcome: outcome), randomBits: SeededGenerator.bits(seed: 3)) {
            event,
            request in
            #expect(request.id == "id")
            events.withLock { $0.append(event) }
        }
        var request = Request(path: path, query: query, id: "id")
        for value in authorization { request.headers.append(.authorization, try #require(Headers.Value(value))) }
        _ = await function.handle(request)
        return events.withLock { $0 }
    }

    @Test("of a mint has its token, key and ttl")
    func minted() async throws {
        let token = StreamToken.random(tag: Self.tag, SeededGenerator.bits(seed: 3)).token
        try await expect(
            events(.success(.minted(Self.rate)), query: "ttl=7"),
            is: [
                .minted(token, with: Self.key.key, ttl: 7, user: nil)
            ]
        )
    }

    @Test(
        "of a refusal or failure of the store has the key",
        arguments: [
            (.success(.unauthorized), .unknownKey), (.success(.limited(rate)), .rateLimited),
            (.success(.noCredits(rate)), .noCredits),
            (.failure(StoreError("away", mayHaveBeenExecuted: true)), .storeUnavailable),
        ] as [(Result<MintOutcome, StoreError>, MintRefusal)]
    )
    func refused(outcome: Result<MintOutcome, StoreError>, refusal: MintRefusal) async throws {
        try await expect(events(outcome), is: [.refused(refusal, Self.key.key)])
    }

    @Test(
        "of a refusal without the store has the key if it was well-formed",
        arguments: [
            ([], nil, .refused(.noKey, nil)), (["Basic YQ=="], nil, .refused(.noKey, nil)),
            (["Bearer sk_x"], nil, .refused(.unusableKey, nil)),
            (["Bearer a", "Bearer b"], nil, .refused(.unusableKey, nil)),
            (["Bearer \(key.text)"], "ttl=0", .refused(.invalidTTL, key.key)),
        ] as [([String], String?, TokenEvent)]
    )
    func refusedAtOnce(authorization: [String], query: String?, event: TokenEvent) async throws {
        try await expect(events(.success(.unauthorized), authorization: authorization, query: query), is: [event])
    }

    @Test("does not exist for another path")
    func paths() async throws {
        #expect(try await events(.success(.unauthorized), path: "/").isEmpty)
    }

    @Test("has a token's id, which is part of its digest and not of its text")
    func id() {
        let (token, text) = StreamToken.random(tag: Self.tag, SeededGenerator.bits(seed: 3))
        #expect(token.id.count == 10 && token.digest.description.hasPrefix(token.id))
        #expect(!text.contains(token.id))
    }
}
