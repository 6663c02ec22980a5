import Function
import Tokens

/// The store of one fixture, with what it says that holds. Its clock stands still once it is made.
struct GivenStore: Sendable {
    let store: any TokenStore
    /// Nil if the store is down.
    private let memory: MemoryTokenStore?
    private let organizations: [GivenOrganization]

    /// 2026-01-01T00:00:00Z in milliseconds, where a window of any whole number of seconds up to a minute begins.
    private static let now = 1_767_225_600_000
    /// How long a reservation holds that was made now, in milliseconds: that of a workflow which has 30 seconds.
    private static let lease = 35_000

    init(_ given: Given) async throws(StoreError) {
        organizations = given.organizations
        guard !given.isStoreDown else {
            memory = nil
            store = UnavailableTokenStore()
            return
        }
        let oldest = organizations.flatMap(\.tokens).map(\.age).max() ?? 0
        let memory = MemoryTokenStore { Self.now - oldest * 1000 }
        self.memory = memory
        store = memory
        // No limit may keep a token from being made, so the true ones are set afterwards.
        for organization in organizations { try await Self.found(organization, in: memory) }
        try await mintTokens(in: memory, from: oldest)
        for organization in organizations { try await Self.complete(organization, in: memory) }
    }

    private static func found(_ organization: GivenOrganization, in store: MemoryTokenStore) async throws(StoreError) {
        let tag = organization.tag ?? Tag.random { .random(in: 0 ... .max) }
        _ = await store.organization(named: organization.name) { tag }
        _ = await store.setMaxStreams(.max, of: organization.name)
        for key in organization.keys {
            try await store.addKey(key.key, limit: RateLimit(limit: RateLimit.limits.upperBound, seconds: nil))
        }
    }

    /// Mints each when it was minted, `oldest` seconds ago the first, and moves the clock on to now.
    private func mintTokens(in store: MemoryTokenStore, from oldest: Int) async throws(StoreError) {
        let mints = organizations.flatMap { organization in
            organization.keys.first.map { key in organization.tokens.map { (key: key.key, token: $0) } } ?? []
        }
        var age = oldest
        for (key, token) in mints.sorted(by: { $0.token.age > $1.token.age }) {
            await store.advance(milliseconds: (age - token.age) * 1000)
            age = token.age
            _ = await store.mint(token.token, with: key, ttl: token.ttl)
            await Self.bring(token, in: store)
        }
        await store.advance(milliseconds: age * 1000)
    }

    /// Brings a token that was just minted into its state.
    private static func bring(_ given: GivenToken, in store: MemoryTokenStore) async {
        let attempt = Attempt.random { .random(in: 0 ... .max) }
        switch given.state {
        case .live: break
        case .reserved: _ = await store.reserve(given.token, for: attempt, lease: given.age * 1000 + lease)
        case .used:
            _ = await store.reserve(given.token, for: attempt, lease: lease)
            _ = await store.commit(given.token, for: attempt)
            await store.end(attempt, of: given.token.tag)
        case .revoked: _ = await store.revoke(given.token)
        }
    }

    private static func complete(_ organization: GivenOrganization, in store: MemoryTokenStore) async throws(StoreError)
    {
        _ = await store.setCredits(organization.credits, of: organization.name)
        _ = await store.setMaxStreams(organization.maxStreams, of: organization.name)
        for key in organization.keys {
            // The mints above are not counted any more.
            try await store.addKey(key.key, limit: key.rate)
            await store.useKey(key.key, requests: key.used)
            if !key.isEnabled { _ = await store.setKey(key.key.id, enabled: false) }
        }
    }

    /// What it holds of the tokens and organizations that were given; nil if it is down.
    func contents() async -> JSON? {
        guard let memory else { return nil }
        var tokens: [JSON.Member] = []
        for token in organizations.flatMap(\.tokens) {
            let state = await memory.show(token.token)
            tokens.append(.init(name: token.text, value: .string(state.word)))
        }
        var members: [JSON.Member] = []
        for name in organizations.map(\.name) {
            guard let organization = await memory.findOrganization(named: name) else { continue }
            members.append(.init(name: name, value: Self.contents(of: organization)))
        }
        return .object([
            .init(name: "tokens", value: .object(tokens)), .init(name: "organizations", value: .object(members)),
        ])
    }

    private static func contents(of organization: Organization) -> JSON {
        .object([
            .init(name: "credits", value: organization.credits.map { .number(Double($0)) } ?? .null),
            .init(name: "held", value: .number(Double(organization.held))),
            .init(name: "open", value: .number(Double(organization.open))),
        ])
    }
}

extension TokenState {
    /// The state alone, in a word.
    fileprivate var word: String {
        switch self {
        case .live: "live"
        case .reserved: "reserved"
        case .used: "used"
        case .revoked: "revoked"
        case .unknown: "unknown"
        }
    }
}
