import StreamTokens

/// One operation of a random sequence.
enum StoreOperation: Sendable {
    case mint(StreamToken, APIKey, ttl: Int)
    case reserve(StreamToken, Attempt, lease: Int)
    case commit(StreamToken, Attempt)
    case release(StreamToken, Attempt)
    case renew([OpenStream], StreamTokens.Tag)
    case end(Attempt, StreamTokens.Tag)
    case revoke(StreamToken)
    case setCredits(String, Int?)
    case addCredits(String, Int)
    case setMaxStreams(String, Int)
    case revokeTokens(String)
    case setKey(APIKey, Bool)
    case addKey(APIKey, RateLimit)
    case useKey(APIKey, Int)

    /// Whether doing it again at once must give the same answer and change nothing.
    var isIdempotent: Bool {
        switch self {
        case .mint, .reserve, .commit, .release, .renew, .end, .setCredits, .setMaxStreams, .setKey, .addKey: true
        case .revoke, .addCredits, .revokeTokens, .useKey: false
        }
    }

    /// Does it and answers what the store said; 0 where it says nothing.
    func perform(on store: any StoreFixture.Store) async throws -> AnyHashable {
        switch self {
        case .mint(let token, let key, let ttl): return try await store.mint(token, with: key, ttl: ttl)
        case .reserve(let token, let attempt, let lease):
            return try await store.reserve(token, for: attempt, lease: lease)
        case .commit(let token, let attempt): return try await store.commit(token, for: attempt)
        case .release(let token, let attempt): try await store.release(token, for: attempt)
        case .renew(let streams, let tag): return try await store.renew(streams, of: tag)
        case .end(let attempt, let tag): try await store.end(attempt, of: tag)
        case .revoke(let token): return try await store.revoke(token)
        case .setCredits(let name, let credits): return try await store.setCredits(credits, of: name)
        case .addCredits(let name, let credits): return try await store.addCredits(credits, to: name)
        case .setMaxStreams(let name, let count): return try await store.setMaxStreams(count, of: name)
        case .revokeTokens(let name): return try await store.revokeTokens(of: name)
        case .setKey(let key, let enabled): return try await store.setKey(key.id, enabled: enabled)
        case .addKey(let key, let limit): try await store.addKey(key, limit: limit)
        case .useKey(let key, let requests): try await store.useKey(key, requests: requests)
        }
        return 0
    }
}
