import FunctionEventLoop
import StreamTokens

/// One operation of a random sequence.
enum StoreOperation: Sendable {
    case mint(StreamToken, APIKey, ttl: Int, Policy?)
    case mintAtOnce(SimultaneousMints)
    case reserve(StreamToken, Attempt, lease: Int)
    case commit(StreamToken, Attempt)
    case admit(StreamToken, Attempt)
    case release(StreamToken, Attempt, PolicyRefusal? = nil)
    case renew([OpenStream], reserved: [OpenStream], StreamTokens.Tag)
    case end(Attempt, StreamTokens.Tag)
    case revoke(StreamToken)
    case setCredits(String, Int?)
    case addCredits(String, Int)
    case setMaxStreams(String, Int)
    case revokeTokens(String)
    case setKey(APIKey, Bool)
    case addKey(APIKey, RateLimit, requiresPolicy: Bool = false)
    case updateKey(APIKey, KeyChange)
    case removeKey(APIKey)
    case findKey(KeyReference)
    case makeOrganization(String, StreamTokens.Tag)
    case removeOrganization(String)
    case useKey(APIKey, Int)

    /// Whether an immediate repetition must have the same outcome and change nothing.
    var isIdempotent: Bool {
        switch self {
        case .mint, .reserve, .commit, .admit, .release, .renew, .end, .setCredits, .setMaxStreams, .setKey, .addKey,
            .updateKey,
            .findKey, .makeOrganization:
            true
        // A token that was minted before may have to wait for longer once those behind it have counted.
        case .mintAtOnce: false
        case .revoke, .addCredits, .revokeTokens, .useKey, .removeKey, .removeOrganization: false
        }
    }

    /// Executes the operation; `loop` is that of the store's client. Returns the store's outcome; 0 if there is none.
    func perform(on store: any StoreFixture.Store, _ loop: EventLoop? = nil) async throws -> AnyHashable {
        switch self {
        case .mint(let token, let key, let ttl, let policy):
            return try await store.mint(token, with: key, ttl: ttl, policy: policy)
        case .mintAtOnce(let mints): return try await mints.outcomes(on: store, loop)
        case .reserve(let token, let attempt, let lease):
            return try await store.reserve(token, for: attempt, lease: lease)
        case .commit(let token, let attempt): return try await store.commit(token, for: attempt)
        case .admit(let token, let attempt): return try await store.admit(token, for: attempt)
        case .release(let token, let attempt, let refusal):
            try await store.release(token, for: attempt, refusal: refusal)
        case .renew(let streams, let reserved, let tag):
            return try await store.renew(streams, reserved: reserved, of: tag)
        case .end(let attempt, let tag): try await store.end(attempt, of: tag)
        case .revoke(let token): return try await store.revoke(token)
        case .setCredits(let name, let credits): return try await store.setCredits(credits, of: name)
        case .addCredits(let name, let credits): return try await store.addCredits(credits, to: name)
        case .setMaxStreams(let name, let count): return try await store.setMaxStreams(count, of: name)
        case .revokeTokens(let name): return try await store.revokeTokens(of: name)
        // One by the key, the other by its id.
        case .setKey(let key, true): return try await store.setKey(.key(key), enabled: true)
        case .setKey(let key, false): return try await store.setKey(key.id, enabled: false)
        case .addKey(let key, let limit, let requiresPolicy):
            let name = limit.limit.isMultiple(of: 2) ? "even" : nil
            do throws(StoreError) {
                try await store.addKey(key, name: name, limit: limit, requiresPolicy: requiresPolicy)
            } catch {
                guard !error.mayHaveBeenExecuted else { throw error }
                return "there is no such organization"
            }
        case .updateKey(let key, let change): return try await store.updateKey(.id(key.id), change)
        case .removeKey(let key): return try await store.removeKey(.key(key))
        case .findKey(let key): return try await store.findKey(key)
        case .makeOrganization(let name, let tag): return try await store.organization(named: name) { tag }
        case .removeOrganization(let name): return try await store.removeOrganization(named: name)
        case .useKey(let key, let requests): try await store.useKey(key, requests: requests)
        }
        return 0
    }
}
