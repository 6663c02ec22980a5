public import StreamTokens
import Testing

extension StoreContract {
    static let policies = [
        StoreContract("a policy comes back with each reservation, whatever its size") { fixture in
            let tenant = try await fixture.tenant()
            for policy in Policy.examples {
                let token = try await tenant.mint(policy)
                for _ in 0..<2 {
                    let attempt = fixture.attempt()
                    for _ in 0..<2 { try await expect(tenant.policy(of: token, for: attempt), is: policy) }
                    try await fixture.store.release(token, for: attempt)
                }
            }
        },
        StoreContract("a token without a policy has none") { fixture in
            let tenant = try await fixture.tenant()
            let token = try await tenant.mint()
            try await expect(tenant.policy(of: token, for: fixture.attempt()), is: nil)
        },
        StoreContract("a repeated mint with another policy, or with none, keeps the first one") { fixture in
            let tenant = try await fixture.tenant()
            let choices = Policy.examples.map(Optional.some) + [nil]
            for first in choices {
                for second in choices {
                    let token = tenant.newToken()
                    let outcome = try await fixture.store.mint(token, with: tenant.key, ttl: 60, policy: first)
                    try await expect(
                        fixture.store.mint(token, with: tenant.key, ttl: 60, policy: second),
                        is: outcome
                    )
                    try await expect(tenant.policy(of: token, for: fixture.attempt()), is: first)
                }
            }
        },
        StoreContract("an unanswered commit that is released leaves a token with its policy") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            for policy in Policy.examples {
                let (token, attempt) = (try await tenant.mint(policy), fixture.attempt())
                _ = try await tenant.open(token, for: attempt)
                fixture.clock.advance(59_999)
                try await fixture.store.release(token, for: attempt)
                let next = fixture.attempt()
                try await expect(tenant.policy(of: token, for: next), is: policy)
                try await fixture.store.release(token, for: next)
                fixture.clock.advance(60_000)
            }
        },
        StoreContract("a reservation that outlives its token keeps the policy until its lease ends") { fixture in
            let tenant = try await fixture.tenant()
            for policy in Policy.examples {
                let (token, attempt) = (try await tenant.mint(ttl: 1, policy), fixture.attempt())
                _ = try await tenant.reserve(token, for: attempt)
                fixture.clock.advance(Tenant.lease - 1)
                try await expect(tenant.policy(of: token, for: attempt), is: policy)
                try await expect(fixture.store.commit(token, for: attempt), is: .committed)
            }
        },
        StoreContract("a reservation that is renewed keeps its policy") { fixture in
            let tenant = try await fixture.tenant()
            for policy in Policy.examples {
                let tokens = [try await tenant.mint(ttl: 1), try await tenant.mint(ttl: 1, policy)]
                let attempt = fixture.attempt()
                let streams = [
                    try await tenant.reserve(tokens[0], for: fixture.attempt()),
                    try await tenant.reserve(tokens[1], for: attempt),
                ]
                let open = try await tenant.open(tenant.mint(policy), for: fixture.attempt())
                for _ in 0..<20 {
                    fixture.clock.advance(14_999)
                    try await expect(fixture.store.renew([open], reserved: streams, of: tenant.tag), is: [])
                }
                try await expect(tenant.policy(of: tokens[1], for: attempt), is: policy)
                for stream in streams { try await fixture.store.release(stream.token, for: stream.attempt) }
                try await fixture.store.end(open.attempt, of: tenant.tag)
            }
        },
        StoreContract("tokens with a policy are used once, revoked and forgotten like others") { fixture in
            let tenant = try await fixture.tenant()
            for policy in Policy.examples {
                let (used, revoked) = (try await tenant.mint(policy), try await tenant.mint(policy))
                let (attempt, other) = (fixture.attempt(), fixture.attempt())
                let stream = try await tenant.open(used, for: attempt)
                try await expect(
                    fixture.store.reserve(used, for: other, lease: 1000),
                    is: .refused(.invalid(.used))
                )
                try await expect(fixture.store.commit(used, for: attempt), is: .committed)
                try await expect(fixture.store.revoke(revoked).isLive, is: true)
                try await expect(
                    fixture.store.reserve(revoked, for: other, lease: 1000),
                    is: .refused(.invalid(.revoked))
                )
                _ = try await fixture.store.revoke(used)
                try await expect(fixture.store.renew([stream], of: tenant.tag), is: [.init(attempt, .revoked)])
                try await fixture.store.release(used, for: attempt)
                try await expect(fixture.store.check(used), is: .invalid(.revoked))
                fixture.clock.advance(120_000)
                for token in [used, revoked] { try await expect(fixture.store.inspect(token), is: .init(.unknown)) }
            }
        },
        StoreContract("an administrator sees user and policy, and why an attempt was refused last") { fixture in
            let tenant = try await fixture.tenant()
            for policy in Policy.examples {
                let token = try await tenant.mint(policy)
                try await expect(tenant.details(token), is: [policy.user, policy, nil])
                for refusal in PolicyRefusal.allCases {
                    let attempt = fixture.attempt()
                    _ = try await tenant.reserve(token, for: attempt)
                    fixture.clock.advance(10)
                    try await fixture.store.release(token, for: attempt, refusal: refusal)
                    let last = TokenDetails.LastRefusal(refusal, at: fixture.clock.now)
                    fixture.clock.advance(10)
                    // Repeating it changes nothing.
                    try await fixture.store.release(token, for: attempt, refusal: .originNotAllowed)
                    try await expect(tenant.details(token), is: [policy.user, policy, last])
                }
                let (attempt, last) = (fixture.attempt(), try await fixture.store.inspect(token).refusal)
                _ = try await tenant.open(token, for: attempt)
                try await expect(tenant.details(token), is: [policy.user, policy, last])
                fixture.clock.advance(60_000)
                // It can no longer be live again, so its policy is not needed.
                try await expect(tenant.details(token), is: [policy.user, nil, last])
            }
        },
        StoreContract("a token without a policy remembers no refusal") { fixture in
            let tenant = try await fixture.tenant()
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let before = try await fixture.store.inspect(token)
            _ = try await tenant.reserve(token, for: attempt)
            try await fixture.store.release(token, for: attempt, refusal: .originNotAllowed)
            try await expect(fixture.store.inspect(token), is: before)
        },
        StoreContract("without credits nothing of a policy is kept") { fixture in
            let tenant = try await fixture.tenant(credits: 0)
            for policy in Policy.examples {
                let token = tenant.newToken()
                for _ in 0..<2 {
                    let outcome = try await fixture.store.mint(token, with: tenant.key, ttl: 60, policy: policy)
                    guard case .noCredits = outcome else {
                        Issue.record("\(outcome)")
                        return
                    }
                }
                try await expect(fixture.store.inspect(token), is: .init(.unknown))
                try await expect(fixture.store.check(token), is: .invalid(.unknown))
            }
        },
        StoreContract("a key that requires a policy mints nothing without one, and does not count that") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 3, window: 86_400_000))
            #expect(try await fixture.store.updateKey(.key(tenant.key), KeyChange(requiresPolicy: true)))
            for _ in 0..<5 {
                try await expect(fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60), is: .policyRequired)
            }
            let three = (0..<3).map { _ in tenant.newToken() }
            try await expect(
                tenant.mintAtOnce(three),
                is: [.policyRequired, .policyRequired, .policyRequired]
            )
            for token in three { try await expect(fixture.store.inspect(token), is: .init(.unknown)) }
            try await expect(
                fixture.store.mint(three[0], with: tenant.key, ttl: 60, policy: .examples[0]),
                is: .minted(Rate(limit: 3, remaining: 2, retryAfter: 0))
            )
            #expect(try await fixture.store.updateKey(.key(tenant.key), KeyChange(requiresPolicy: false)))
            try await expect(
                fixture.store.mint(three[1], with: tenant.key, ttl: 60),
                is: .minted(Rate(limit: 3, remaining: 1, retryAfter: 0))
            )
        },
        StoreContract("whether a key requires a policy survives disabling and enabling it") { fixture in
            let tenant = try await fixture.tenant()
            let (store, key) = (fixture.store, APIKey.random(tag: tenant.tag, fixture.bits).key)
            try await store.addKey(key, name: "strict", limit: .default, requiresPolicy: true)
            let token = StreamToken.random(tag: tenant.tag, fixture.bits).token
            _ = try await store.mint(token, with: key, ttl: 60, policy: .examples[0])
            #expect(try await store.setKey(key.id, enabled: false))
            try await expect(store.findKey(.key(key)).map { [$0.enabled, $0.requiresPolicy] }, is: [false, true])
            try await expect(store.check(token), is: .invalid(.revoked))
            for policy in [nil, Policy.examples[0]] {
                try await expect(store.mint(tenant.newToken(), with: key, ttl: 60, policy: policy), is: .unauthorized)
            }
            #expect(try await store.updateKey(.key(key), KeyChange(requiresPolicy: false)))
            try await expect(store.findKey(.key(key)).map { [$0.enabled, $0.requiresPolicy] }, is: [false, false])
            #expect(try await store.updateKey(.key(key), KeyChange(name: "still", requiresPolicy: true)))
            #expect(try await store.setKey(.key(key), enabled: true))
            try await expect(store.findKey(.key(key)).map { [$0.enabled, $0.requiresPolicy] }, is: [true, true])
            try await expect(store.mint(tenant.newToken(), with: key, ttl: 60), is: .policyRequired)
            try await expect(store.check(token), is: .invalid(.revoked))
            // Adding a key again sets it too, and leaves it enabled.
            try await store.addKey(key, limit: .default)
            try await expect(store.findKey(.key(key)).map { [$0.enabled, $0.requiresPolicy] }, is: [true, false])
            _ = try await store.setKey(.key(key), enabled: false)
            try await store.addKey(key, name: nil, limit: .default, requiresPolicy: true)
            try await expect(store.findKey(.key(key)).map { [$0.enabled, $0.requiresPolicy] }, is: [false, true])
            #expect(try await store.removeKey(.key(key)))
            try await store.addKey(key, name: nil, limit: .default, requiresPolicy: true)
            try await expect(store.findKey(.key(key)).map { [$0.enabled, $0.requiresPolicy] }, is: [true, true])
        },
        StoreContract("mints at once have each its own policy") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 1000, window: 86_400_000))
            let policies = (0..<40).map { index in index.isMultiple(of: 7) ? nil : Policy.examples[index % 4] }
            let mints = policies.map { SimultaneousMints.Mint(token: tenant.newToken(), ttl: 60, policy: $0) }
            for _ in 0..<2 {
                let outcomes = try await SimultaneousMints(mints, with: tenant.key)
                    .outcomes(on: fixture.store, fixture.loop)
                // Those of different kinds may overtake each other.
                let remaining = outcomes.compactMap { if case .minted(let rate) = $0 { rate.remaining } else { nil } }
                #expect(remaining.sorted() == Array(960..<1000))
            }
            for mint in mints {
                try await expect(tenant.policy(of: mint.token, for: fixture.attempt()), is: mint.policy)
            }
        },
    ]
}

extension Policy {
    /// Of every size that a store might treat in its own way, and with every byte that might end a field.
    public static let examples: [Policy] = {
        let long = String(repeating: "x", count: 8000)
        return [
            #"{"user":"-"}"#, #"{"workflows":["echo"],"user":"a:b@+{}\"~"}"#,
            #"{"variables":{"a b : - + @":"\u0001 : \n ü \\","text":"\#(long)"},"user":"user-1"}"#,
            #"{"variables":{"text":"\#(long)"},"allow":[],"max_seconds":7}"#,
        ]
        .compactMap { try? MintRequest(reading: Array($0.utf8)).policy }
    }()
}

extension Tenant {
    /// A live token with a policy.
    public func mint(ttl: Int = 60, _ policy: Policy) async throws -> StreamToken {
        let token = newToken()
        guard case .minted = try await store.mint(token, with: key, ttl: ttl, policy: policy) else {
            throw Refused(description: "no token was minted")
        }
        return token
    }

    /// The policy that comes with a reservation.
    fileprivate func policy(of token: StreamToken, for attempt: Attempt) async throws -> Policy? {
        guard case .reserved(let reservation) = try await store.reserve(token, for: attempt, lease: Self.lease)
        else { throw Refused(description: "the token was not reserved") }
        return reservation.policy
    }

    /// What is known of the token but for its state.
    fileprivate func details(_ token: StreamToken) async throws -> [AnyHashable?] {
        let details = try await store.inspect(token)
        return [details.user, details.policy, details.refusal]
    }
}

extension TokenState {
    fileprivate var isLive: Bool {
        if case .live = self { true } else { false }
    }
}
