import Tokens

/// A few organizations, keys, tokens and attempts, among which random operations are chosen: few, so that they meet.
struct RandomScenario {
    let names: [String]
    let tags: [Tokens.Tag]
    let keys: [APIKey]
    private let tokens: [StreamToken]
    private let attempts: [Attempt]
    /// The last token that an attempt was made at, so that operations follow on one another.
    private var recent: (token: StreamToken, attempt: Attempt)?
    /// Attempts at tokens, as renewals see them, with epochs of late.
    private var streams: [OpenStream] = []

    init() {
        // No other scenario has these; which operations meet which of them comes from the seed alone.
        let bits: RandomBits = { .random(in: 0 ... .max) }
        let tags = (0..<2).map { _ in Tokens.Tag.random(bits) }
        names = tags.map { "organization \($0)" }
        self.tags = tags
        keys = tags.flatMap { tag in (0..<2).map { _ in APIKey.random(tag: tag, bits).key } }
        tokens = tags.flatMap { tag in (0..<4).map { _ in StreamToken.random(tag: tag, bits).token } }
        attempts = (0..<5).map { _ in Attempt.random(bits) }
    }

    /// What the organizations, keys and tokens are in `store`.
    func describe(_ store: any StoreFixture.Store) async throws -> [AnyHashable] {
        var states: [AnyHashable] = []
        for name in names {
            states.append(try await store.findOrganization(named: name))
            states.append(try await store.keys(of: name))
        }
        for token in tokens { states.append(try await store.show(token)) }
        return states
    }

    mutating func nextOperation(_ random: inout SeededGenerator) -> StoreOperation {
        var token = pick(tokens, &random)
        var attempt = pick(attempts, &random)
        if let recent, Int.random(in: 0..<3, using: &random) > 0 { (token, attempt) = recent }
        let name = pick(names, &random)
        let key = pick(keys, &random)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25:
            let own = pick(keys.filter { $0.tag == token.tag }, &random)
            return .mint(token, own, ttl: pick([1, 60, 120, 300], &random))
        case ..<45:
            recent = (token, attempt)
            return .reserve(token, attempt, lease: pick([1, 1000, 35_000], &random))
        case ..<60: return .commit(token, attempt)
        case ..<68: return .release(token, attempt)
        case ..<76:
            streams.append(stream(of: token, for: attempt, &random))
            let tag = token.tag
            return .renew(streams.suffix(6).filter { $0.token.tag == tag }, tag)
        case ..<78: return .end(attempt, token.tag)
        case ..<82: return .revoke(token)
        case ..<85: return .setCredits(name, pick([nil, 0, 1, 2, 5], &random))
        case ..<88: return .addCredits(name, pick([1, 3], &random))
        case ..<90: return .setMaxStreams(name, pick([1, 2, 3], &random))
        case ..<92: return .revokeTokens(name)
        case ..<96: return .setKey(key, .random(using: &random))
        case ..<98:
            return .addKey(key, RateLimit(limit: pick([1, 2, 5], &random), window: pick([7, 1000, 60_000], &random)))
        default: return .useKey(key, pick([1, 4], &random))
        }
    }

    private func stream(of token: StreamToken, for attempt: Attempt, _ random: inout SeededGenerator) -> OpenStream {
        OpenStream(
            token: token,
            attempt: attempt,
            epoch: pick([0, 0, 0, 1, 2], &random),
            keyID: pick(keys.filter { $0.tag == token.tag }, &random).id,
            keyEpoch: pick([0, 0, 0, 1, 2], &random)
        )
    }

    private func pick<Element>(_ elements: [Element], _ random: inout SeededGenerator) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }
}
