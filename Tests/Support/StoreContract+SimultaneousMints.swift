import StreamTokens
import Testing

extension StoreContract {
    static let simultaneousMints = [
        StoreContract("mints at once have the outcomes that they would have one after the other") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 3, window: 1000))
            fixture.clock.advance(1000 - fixture.clock.now % 1000)
            let tokens = (0..<5).map { _ in tenant.newToken() }
            let outcomes = try await tenant.mintAtOnce(tokens)
            #expect(
                outcomes == [
                    .minted(Rate(limit: 3, remaining: 2, retryAfter: 0)),
                    .minted(Rate(limit: 3, remaining: 1, retryAfter: 0)),
                    .minted(Rate(limit: 3, remaining: 0, retryAfter: 1334)),
                    .limited(Rate(limit: 3, remaining: 0, retryAfter: 1334)),
                    .limited(Rate(limit: 3, remaining: 0, retryAfter: 1334)),
                ]
            )
            for token in tokens.prefix(3) { try await expect(fixture.store.check(token), is: nil) }
            for token in tokens.suffix(2) { try await expect(fixture.store.show(token), is: .unknown) }
            let next = try await fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            #expect(next == .limited(Rate(limit: 3, remaining: 0, retryAfter: 1334)))
        },
        StoreContract("mints at once have each its own lifetime") { fixture in
            let tenant = try await fixture.tenant()
            let lifetimes = [1, 300, 60, 7]
            let mints = lifetimes.map { SimultaneousMints.Mint(token: tenant.newToken(), ttl: $0) }
            _ = try await SimultaneousMints(mints, with: tenant.key).outcomes(on: fixture.store, fixture.loop)
            let now = fixture.clock.now
            for mint in mints {
                let live = TokenState.live(keyID: tenant.key.id, minted: now, expiry: now + mint.ttl * 1000)
                try await expect(fixture.store.show(mint.token), is: live)
            }
        },
        StoreContract("repeated mints at once have the same outcomes and are not counted again") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 6, window: 1000))
            let tokens = (0..<5).map { _ in tenant.newToken() }
            let first = try await tenant.mintAtOnce(tokens)
            #expect(first.map(\.remaining) == [5, 4, 3, 2, 1])
            for _ in 0..<3 { try await expect(tenant.mintAtOnce(tokens), is: first) }
            try await expect(tenant.mintAtOnce(Array(tokens.reversed())), is: Array(first.reversed()))
            try await expect(tenant.mintAtOnce([tenant.newToken()] + tokens).map(\.remaining), is: [0, 5, 4, 3, 2, 1])
        },
        StoreContract("among mints at once, a token that was minted before has the outcome of that mint") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 9, window: 1000))
            let attempt = fixture.attempt()
            let (live, used, revoked) = (try await tenant.mint(), try await tenant.mint(), try await tenant.mint())
            _ = try await tenant.open(used, for: attempt)
            _ = try await fixture.store.revoke(revoked)
            let new = (0..<3).map { _ in tenant.newToken() }
            let tokens = [new[0], live, new[1], new[1], used, revoked, new[2]]
            let outcomes = try await tenant.mintAtOnce(tokens)
            #expect(outcomes.map(\.remaining) == [5, 8, 4, 4, 7, 6, 3])
            try await expect(fixture.store.commit(used, for: attempt), is: .committed)
            try await expect(fixture.store.check(revoked), is: .invalid(.revoked))
            for token in new + [live] { try await expect(fixture.store.check(token), is: nil) }
        },
        StoreContract("mints at once without credits are refused, and each counts once") { fixture in
            let tenant = try await fixture.tenant(credits: 0, limit: RateLimit(limit: 4, window: 1000))
            let tokens = (0..<3).map { _ in tenant.newToken() }
            let refused = [3, 2, 1].map { MintOutcome.noCredits(Rate(limit: 4, remaining: $0, retryAfter: 0)) }
            for _ in 0..<2 { try await expect(tenant.mintAtOnce(tokens), is: refused) }
            #expect(try await fixture.store.setCredits(1, of: tenant.name))
            let outcomes = try await tenant.mintAtOnce([tokens[0], tenant.newToken()])
            #expect(outcomes.first == refused[0])
            guard case .minted? = outcomes.last else {
                Issue.record("\(outcomes)")
                return
            }
        },
        StoreContract("mints at once for an unknown or disabled key are refused") { fixture in
            let tenant = try await fixture.tenant()
            let stranger = APIKey.random(tag: tenant.tag, fixture.bits).key
            let tokens = (0..<3).map { _ in tenant.newToken() }
            let mints = SimultaneousMints(tokens, with: stranger)
            let refused = [MintOutcome.unauthorized, .unauthorized, .unauthorized]
            try await expect(mints.outcomes(on: fixture.store, fixture.loop), is: refused)
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: false))
            try await expect(tenant.mintAtOnce(tokens), is: refused)
        },
    ]
}

extension MintOutcome {
    fileprivate var remaining: Int? {
        switch self {
        case .minted(let rate), .limited(let rate), .noCredits(let rate): rate.remaining
        case .unauthorized, .policyRequired: nil
        }
    }
}
