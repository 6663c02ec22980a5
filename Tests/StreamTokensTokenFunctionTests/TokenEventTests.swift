import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensTokenFunction
import Support
import Testing

@Suite("What is told of a request for a token")
struct TokenEventTests {
    private static let tag = Tag.random(SeededGenerator.bits(seed: 1))
    private static let key = APIKey.random(tag: tag, SeededGenerator.bits(seed: 2))
    private static let rate = Rate(limit: 10, remaining: 0, retryAfter: 1)

    /// What is told of one request, which the store answers so.
    private func events(
        _ answer: Result<MintOutcome, StoreError>,
        authorization: [String] = ["Bearer \(key.text)"],
        path: String = TokenFunction.path,
        query: String? = nil
    ) async throws -> [TokenEvent] {
        let events = Lock<[TokenEvent]>([])
        let function = TokenFunction(store: FixedStore(answer: answer), randomBits: SeededGenerator.bits(seed: 3)) {
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

    @Test("a mint is told with its token, key and ttl")
    func minted() async throws {
        let token = StreamToken.random(tag: Self.tag, SeededGenerator.bits(seed: 3)).token
        #expect(
            try await events(.success(.minted(Self.rate)), query: "ttl=7") == [
                .minted(token, with: Self.key.key, ttl: 7)
            ]
        )
    }

    @Test(
        "what the store refuses, or does not answer, is told with the key",
        arguments: [
            (.success(.unauthorized), .unknownKey), (.success(.limited(rate)), .rateLimited),
            (.success(.noCredits(rate)), .noCredits),
            (.failure(StoreError("away", mayHaveBeenExecuted: true)), .storeUnavailable),
        ] as [(Result<MintOutcome, StoreError>, MintRefusal)]
    )
    func refused(answer: Result<MintOutcome, StoreError>, refusal: MintRefusal) async throws {
        #expect(try await events(answer) == [.refused(refusal, Self.key.key)])
    }

    @Test(
        "what is refused without the store is told with what is known",
        arguments: [
            ([], nil, .refused(.noKey, nil)), (["Basic YQ=="], nil, .refused(.noKey, nil)),
            (["Bearer sk_x"], nil, .refused(.unusableKey, nil)),
            (["Bearer a", "Bearer b"], nil, .refused(.unusableKey, nil)),
            (["Bearer \(key.text)"], "ttl=0", .refused(.invalidTTL, key.key)),
        ] as [([String], String?, TokenEvent)]
    )
    func refusedAtOnce(authorization: [String], query: String?, event: TokenEvent) async throws {
        #expect(try await events(.success(.unauthorized), authorization: authorization, query: query) == [event])
    }

    @Test("other paths are nothing to tell")
    func paths() async throws {
        #expect(try await events(.success(.unauthorized), path: "/").isEmpty)
    }

    @Test("a token's id is a part of its digest, and not of its text")
    func id() {
        let (token, text) = StreamToken.random(tag: Self.tag, SeededGenerator.bits(seed: 3))
        #expect(token.id.count == 10 && token.digest.description.hasPrefix(token.id))
        #expect(!text.contains(token.id))
    }
}
