package import FunctionCore
package import FunctionTesting
package import LocalRuntimeFixtures
package import StreamTokens

/// The store of one fixture, filled with what is given. Its clock moves only when the fixture moves it.
package struct GivenStore: Sendable {
    package var store: any LocalStore.Base { kept.administration }
    private let kept: LocalStore
    private let time: TestClock
    private let organizations: [GivenOrganization]
    private let isDown: Bool
    /// Keeps the organizations' names apart from those of others in a shared store.
    private let suffix: String

    /// The lease of a reservation made now, in milliseconds: that of a workflow with 30 seconds.
    private static let lease = 35_000

    /// Adds what is given to the content of `store`. If `isLive`, it goes by Redis' own clock, as functions in another
    /// process do.
    package init(_ given: Given, in store: LocalStore = LocalStore(), isLive: Bool = false) async throws(StoreError) {
        organizations = given.organizations
        isDown = given.isStoreDown
        let oldest = organizations.flatMap(\.tokens).map(\.age).max() ?? 0
        let time = TestClock(secondsBefore: oldest)
        self.time = time
        let still: LocalStore.Clock = { time.now }
        kept = store.beside(by: isLive ? nil : still)
        suffix = store.redis == nil ? "" : " of replay \(UInt64.random(in: 0 ... .max))"
        // The real limits are set last, so that none prevents a mint.
        for organization in organizations { try await found(organization) }
        try await mintTokens(from: oldest)
        for organization in organizations { try await complete(organization) }
    }

    /// The store for the functions, with its faults.
    package func store(under faults: Faults = .none) -> FaultyTokenStore {
        var faults = faults
        if isDown { faults.store = .down }
        return FaultyTokenStore(store, faults)
    }

    /// The time of its clock, in milliseconds since 1970; without meaning for a live one.
    package var now: Int { time.now }

    package func advance(by span: TimeSpan) {
        time.advance(by: span.duration)
    }

    /// Removes what was given from a shared store.
    package func remove() async {
        guard !suffix.isEmpty else { return }
        for organization in organizations {
            // If that fails, everything expires by itself except an organization's name.
            guard (try? await store.removeOrganization(named: name(of: organization))) != nil else { return }
        }
    }

    private func name(of organization: GivenOrganization) -> String {
        organization.name + suffix
    }

    /// Writes the names of organizations in a response's fields as the fixture gives them.
    package func restoreNames(in headers: inout Headers) {
        guard !suffix.isEmpty else { return }
        headers = Headers(
            headers.fields.map { field in
                let text = field.value.string
                guard text.hasSuffix(suffix) else { return field }
                return Headers.Field(field.name, Headers.Value(valid: String(text.dropLast(suffix.count))))
            }
        )
    }

    private func found(_ organization: GivenOrganization) async throws(StoreError) {
        let tag = organization.tag ?? Tag.random { .random(in: 0 ... .max) }
        _ = try await store.organization(named: name(of: organization)) { tag }
        guard !organization.keys.isEmpty else { return }
        _ = try await store.setMaxStreams(.max, of: name(of: organization))
        for key in organization.keys {
            try await store.addKey(key.key, limit: RateLimit(limit: RateLimit.limits.upperBound, seconds: nil))
        }
    }

    /// Mints each token at its time, the first one `oldest` seconds ago, and moves the clock forward to now.
    private func mintTokens(from oldest: Int) async throws(StoreError) {
        let mints = organizations.flatMap { organization in
            organization.keys.first.map { key in organization.tokens.map { (key: key.key, token: $0) } } ?? []
        }
        var age = oldest
        for (key, token) in mints.sorted(by: { $0.token.age > $1.token.age }) {
            time.advance(by: .seconds(age - token.age))
            age = token.age
            let store = kept.secondsAgo(age)
            _ = try await store.mint(token.token, with: key, ttl: token.ttl, policy: token.policy)
            try await bring(token, in: store)
        }
        time.advance(by: .seconds(age))
    }

    /// Takes a token that was just minted to its state.
    private func bring(_ given: GivenToken, in store: any TokenStore) async throws(StoreError) {
        let attempt = Attempt.random { .random(in: 0 ... .max) }
        switch given.state {
        case .live: break
        case .reserved: _ = try await store.reserve(given.token, for: attempt, lease: given.age * 1000 + Self.lease)
        case .used:
            _ = try await store.reserve(given.token, for: attempt, lease: Self.lease)
            _ = try await store.commit(given.token, for: attempt)
            try await store.end(attempt, of: given.token.tag)
        case .revoked: _ = try await store.revoke(given.token)
        }
    }

    private func complete(_ organization: GivenOrganization) async throws(StoreError) {
        let name = name(of: organization)
        _ = try await store.setCredits(organization.credits, of: name)
        _ = try await store.setMaxStreams(organization.maxStreams, of: name)
        for key in organization.keys {
            // Also resets the count of the mints above.
            try await store.addKey(key.key, name: nil, limit: key.rate, requiresPolicy: key.requiresPolicy)
            if key.used > 0 { try await store.useKey(key.key, requests: key.used) }
            if !key.isEnabled { _ = try await store.setKey(key.key.id, enabled: false) }
        }
    }

    /// The state of the tokens and organizations that were given.
    package func contents() async throws(StoreError) -> JSON {
        var (tokens, policies): ([JSON.Member], [JSON.Member]) = ([], [])
        for token in organizations.flatMap(\.tokens) {
            let details = try await store.inspect(token.token)
            tokens.append(.init(name: token.text, value: .string(details.state.word)))
            if let policy = details.policyContents { policies.append(.init(name: token.text, value: policy)) }
        }
        var members: [JSON.Member] = []
        for given in organizations {
            guard let organization = try await store.findOrganization(named: name(of: given)) else { continue }
            members.append(.init(name: given.name, value: Self.contents(of: organization)))
        }
        return .object([
            "tokens": .object(tokens), "policies": policies.isEmpty ? nil : .object(policies),
            "organizations": .object(members),
        ])
    }

    private static func contents(of organization: Organization) -> JSON {
        .object([
            "credits": organization.credits.map(JSON.number) ?? .null, "held": .number(organization.held),
            "open": .number(organization.open),
        ])
    }
}
