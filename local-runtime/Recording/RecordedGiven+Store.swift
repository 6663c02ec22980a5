import FunctionCore
import LocalRuntimeFixtures
import StreamTokens

extension RecordedGiven {
    /// Reads the store's results from the call, and asks the store for the present state of its key and token.
    init(
        _ content: RecordedCall.Content,
        _ store: any Administration & TokenStore,
        _ secrets: Placeholders,
        _ mints: RecordedMints
    ) async throws(FixtureWriter.Unrecordable) {
        self.init()
        for (index, event) in content.storeEvents.enumerated() {
            switch event {
            case .minted(_, let key, _, let outcome):
                await setKey(key, outcome, store, secrets)
            case .reserved(let token, let outcome):
                try await setToken(token, outcome, isUsed: content.isUsed, store, secrets, mints)
            case .committed(.committed): break
            case .committed(.lost): throw FixtureWriter.Unrecordable("the reservation was lost before the commit")
            case .failed:
                guard index == 0 else { throw FixtureWriter.Unrecordable("the store failed midway") }
                isStoreDown = true
            }
        }
    }

    private mutating func setKey(
        _ key: APIKey,
        _ outcome: MintOutcome,
        _ store: any Administration & TokenStore,
        _ secrets: Placeholders
    ) async {
        var (limit, window, used): (Int?, Int?, Int?)
        var (isEnabled, requiresPolicy) = (true, false)
        switch outcome {
        case .minted(let rate), .noCredits(let rate):
            limit = rate.limit
            if case .noCredits = outcome { credits = 0 }
        case .policyRequired: requiresPolicy = true
        case .limited(let rate):
            limit = rate.limit
            window = await Self.record(of: key, store).map { max($0.rate.window / 1000, 1) }
            used = rate.limit
        case .unauthorized:
            // A fixture does not give an unknown key.
            guard let record = await Self.record(of: key, store), !record.enabled else { return }
            isEnabled = false
        }
        let defaults = RateLimit.default
        self.key = .object([
            "secret": .string(secrets.text(for: key)),
            "limit": limit.flatMap { $0 == defaults.limit ? nil : .number($0) },
            "window": window.flatMap { $0 * 1000 == defaults.window ? nil : .number($0) },
            "used": used.map(JSON.number),
            "enabled": isEnabled ? nil : .bool(false),
            "require_policy": requiresPolicy ? .bool(true) : nil,
        ])
    }

    private mutating func setToken(
        _ token: StreamToken,
        _ outcome: ReserveOutcome,
        isUsed: Bool,
        _ store: any Administration & TokenStore,
        _ secrets: Placeholders,
        _ mints: RecordedMints
    ) async throws(FixtureWriter.Unrecordable) {
        guard let text = secrets.text(for: token) else {
            throw FixtureWriter.Unrecordable("its token has a form that is not replaced")
        }
        var state = "live"
        var policy: JSON?
        switch outcome {
        case .reserved(let reservation):
            policy = reservation.policy.flatMap(RecordedPolicy.json)
            let organization = try? await store.findOrganization(named: reservation.organization)
            credits = organization?.credits.map { isUsed ? $0 + 1 : max($0, 1) }
            tokenState = .object([text: .string(isUsed ? "used" : "live")])
            organizationState = .object([
                "credits": credits.map { .number(isUsed ? $0 - 1 : $0) } ?? .null, "held": .number(0),
                "open": .number(0),
            ])
        case .refused(.invalid(let reason)):
            switch reason {
            case .used: state = "used"
            case .revoked: state = "revoked"
            case .expired, .unknown:
                // A fixture does not give an unknown token. One that was minted here has expired.
                guard let mint = mints[token] else { return }
                self.token = .object(["token": .string(text), "ttl": .number(mint.ttl), "age": .number(mint.ttl + 1)])
                return
            }
        case .refused(.inUse): state = "reserved"
        case .refused(.noCredits): credits = 0
        case .refused(.tooManyStreams): maxStreams = 0
        }
        self.token = .object([
            "token": .string(text), "state": state == "live" ? nil : .string(state), "policy": policy,
        ])
    }

    private static func record(of key: APIKey, _ store: any Administration) async -> KeyRecord? {
        guard let organization = try? await store.organizations().first(where: { $0.tag == key.tag }),
            let keys = try? await store.keys(of: organization.name)
        else { return nil }
        return keys.first { $0.id == key.id }
    }
}

extension RecordedCall.Content {
    /// Whether the call used its token.
    var isUsed: Bool {
        storeEvents.contains { if case .committed(.committed) = $0 { true } else { false } }
    }
}
