import StreamTokens
import Testing

extension StoreContract {
    static let minting = [
        StoreContract("a minted token is live until its expiry") { fixture in
            let tenant = try await fixture.tenant()
            let token = tenant.newToken()
            let outcome = try await fixture.store.mint(token, with: tenant.key, ttl: 60)
            #expect(outcome == .minted(Rate(limit: 1000, remaining: 999, retryAfter: 0)))
            let now = fixture.clock.now
            let live = TokenState.live(keyID: tenant.key.id, minted: now, expiry: now + 60_000)
            try await expect(fixture.store.show(token), is: live)
            fixture.clock.advance(59_999)
            try await expect(fixture.store.show(token), is: live)
            fixture.clock.advance(1)
            try await expect(fixture.store.show(token), is: .unknown)
        },
        StoreContract("an unknown key mints nothing, nor does a disabled one until it is enabled") { fixture in
            let tenant = try await fixture.tenant()
            let stranger = APIKey.random(tag: tenant.tag, fixture.bits).key
            try await expect(fixture.store.mint(tenant.newToken(), with: stranger, ttl: 60), is: .unauthorized)
            let nobody = APIKey.random(tag: .random(fixture.bits), fixture.bits).key
            let token = StreamToken.random(tag: nobody.tag, fixture.bits).token
            try await expect(fixture.store.mint(token, with: nobody, ttl: 60), is: .unauthorized)
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: false))
            try await expect(fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60), is: .unauthorized)
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: true))
            _ = try await tenant.mint()
        },
        StoreContract("mints over the limit are refused and not counted") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 3, window: 1000))
            fixture.clock.advance(1000 - fixture.clock.now % 1000)
            for remaining in [2, 1] {
                let outcome = try await fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
                #expect(outcome == .minted(Rate(limit: 3, remaining: remaining, retryAfter: 0)))
            }
            let last = try await fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            #expect(last == .minted(Rate(limit: 3, remaining: 0, retryAfter: 1334)))
            fixture.clock.advance(334)
            for _ in 0..<5 {
                let token = tenant.newToken()
                let outcome = try await fixture.store.mint(token, with: tenant.key, ttl: 60)
                #expect(outcome == .limited(Rate(limit: 3, remaining: 0, retryAfter: 1000)))
                try await expect(fixture.store.show(token), is: .unknown)
            }
            fixture.clock.advance(1000)
            _ = try await tenant.mint()
        },
        StoreContract("a repeated mint has the same outcome and is not counted again") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 3, window: 1000))
            let token = tenant.newToken()
            let first = try await fixture.store.mint(token, with: tenant.key, ttl: 60)
            for _ in 0..<5 {
                try await expect(fixture.store.mint(token, with: tenant.key, ttl: 60), is: first)
            }
            let second = try await fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            #expect(second == .minted(Rate(limit: 3, remaining: 1, retryAfter: 0)))
            try await expect(fixture.store.mint(token, with: tenant.key, ttl: 60), is: first)
        },
        StoreContract("a mint without credits is refused, and counts as one request even if repeated") {
            fixture in
            let tenant = try await fixture.tenant(credits: 0, limit: RateLimit(limit: 3, window: 1000))
            let token = tenant.newToken()
            let refused = MintOutcome.noCredits(Rate(limit: 3, remaining: 2, retryAfter: 0))
            for _ in 0..<4 {
                try await expect(fixture.store.mint(token, with: tenant.key, ttl: 60), is: refused)
            }
            try await expect(fixture.store.show(token), is: .unknown)
            try await expect(
                fixture.store.reserve(token, for: fixture.attempt(), lease: 1000),
                is: .refused(.invalid(.unknown))
            )
            #expect(try await fixture.store.setCredits(1, of: tenant.name))
            try await expect(fixture.store.mint(token, with: tenant.key, ttl: 60), is: refused)
            let other = try await fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            #expect(other == .minted(Rate(limit: 3, remaining: 1, retryAfter: 0)))
        },
        StoreContract("requests counted for a key reduce its remaining ones") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 10, window: 60_000))
            try await fixture.store.useKey(tenant.key, requests: 8)
            let outcome = try await fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            #expect(outcome == .minted(Rate(limit: 10, remaining: 1, retryAfter: 0)))
            try await fixture.store.useKey(tenant.key, requests: 100)
            guard case .limited = try await fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60) else {
                Issue.record("a mint over the limit passed")
                return
            }
        },
    ]
}
