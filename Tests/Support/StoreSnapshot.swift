import StreamTokens

/// The state of a scenario's organizations, keys and tokens in a store.
struct StoreSnapshot: Equatable, Sendable {
    let organizations: [StreamTokens.Tag: Organization]
    let keys: [String: [KeyRecord]]
    let details: [StreamToken: TokenDetails]
    /// Why tokens cannot be reserved; those that can be are absent.
    let refusals: [StreamToken: ReserveRefusal]

    init(of store: any StoreFixture.Store, _ scenario: RandomScenario) async throws {
        var organizations: [StreamTokens.Tag: Organization] = [:]
        var keys: [String: [KeyRecord]] = [:]
        var details: [StreamToken: TokenDetails] = [:]
        for (name, tag) in zip(scenario.names, scenario.tags) {
            organizations[tag] = try await store.findOrganization(named: name)
            keys[name] = try await store.keys(of: name)
        }
        var refusals: [StreamToken: ReserveRefusal] = [:]
        for token in scenario.tokens {
            details[token] = try await store.inspect(token)
            refusals[token] = try await store.check(token)
        }
        self.organizations = organizations
        self.keys = keys
        self.details = details
        self.refusals = refusals
    }

    var tokens: [StreamToken: TokenState] { details.mapValues(\.state) }

    /// When tokens expire and leases end.
    var deadlines: [Int] {
        tokens.values.flatMap { (state: TokenState) -> [Int] in
            switch state {
            case .live(_, _, let expiry): [expiry]
            case .reserved(_, _, let expiry, let leaseEnd): [expiry, leaseEnd]
            case .used, .revoked, .unknown: []
            }
        }
    }
}
