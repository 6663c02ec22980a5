import StreamTokens
import Testing

extension StoreContract {
    static let revocation = [
        StoreContract("a revoked live token cannot be reserved, and is shown as revoked for two minutes") { fixture in
            let tenant = try await fixture.tenant()
            let token = try await tenant.mint()
            let now = fixture.clock.now
            let live = TokenState.live(keyID: tenant.key.id, minted: now, expiry: now + 60_000)
            try await expect(fixture.store.revoke(token), is: live)
            let revoked = TokenState.revoked(keyID: tenant.key.id, at: now)
            try await expect(fixture.store.revoke(token), is: revoked)
            try await expect(
                fixture.store.reserve(token, for: fixture.attempt(), lease: 1000),
                is: .refused(.invalid(.revoked))
            )
            fixture.clock.advance(119_999)
            try await expect(fixture.store.show(token), is: revoked)
            fixture.clock.advance(1)
            try await expect(fixture.store.show(token), is: .unknown)
            try await expect(fixture.store.revoke(tenant.newToken()), is: .unknown)
        },
        StoreContract("revoking a reserved token ends its reservation, and its commit is lost") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            _ = try await tenant.reserve(token, for: attempt)
            _ = try await fixture.store.revoke(token)
            try await expect(tenant.state().held, is: 0)
            try await expect(fixture.store.commit(token, for: attempt), is: .lost)
            try await fixture.store.release(token, for: attempt)
            try await expect(tenant.state().credits, is: 1)
            try await expect(fixture.store.show(token), is: .revoked(keyID: tenant.key.id, at: fixture.clock.now))
        },
        StoreContract("the renewal of an open stream of any age reports that its token was revoked") {
            fixture in
            let tenant = try await fixture.tenant(credits: 9)
            let revoked = try await tenant.open(tenant.mint(), for: fixture.attempt())
            let other = try await tenant.open(tenant.mint(), for: fixture.attempt())
            for _ in 0..<30 {
                fixture.clock.advance(10_000)
                try await expect(fixture.store.renew([revoked, other], of: tenant.tag), is: [])
            }
            _ = try await fixture.store.revoke(revoked.token)
            let lost = LostStream(revoked.attempt, .revoked)
            try await expect(fixture.store.renew([revoked, other], of: tenant.tag), is: [lost])
            try await expect(tenant.state().open, is: 1)
            try await expect(tenant.state().credits, is: 7)
        },
        StoreContract("releasing a used token that was revoked returns the credit once, but not the token") {
            fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            _ = try await tenant.open(token, for: attempt)
            _ = try await fixture.store.revoke(token)
            for _ in 0..<2 {
                try await fixture.store.release(token, for: attempt)
                try await expect(tenant.state().credits, is: 1)
                try await expect(tenant.state().open, is: 0)
            }
            try await expect(fixture.store.reserve(token, for: attempt, lease: 1000), is: .refused(.invalid(.revoked)))
        },
        StoreContract("revoking an organization's tokens revokes all, but none that is minted later") { fixture in
            let tenant = try await fixture.tenant()
            let (live, reserved, used) = (try await tenant.mint(), try await tenant.mint(), try await tenant.mint())
            let attempt = fixture.attempt()
            _ = try await tenant.reserve(reserved, for: attempt)
            let stream = try await tenant.open(used, for: fixture.attempt())
            #expect(try await fixture.store.revokeTokens(of: tenant.name))
            try await expect(fixture.store.show(live), is: .revoked(keyID: tenant.key.id, at: nil))
            try await expect(fixture.store.reserve(live, for: attempt, lease: 1000), is: .refused(.invalid(.revoked)))
            try await expect(
                fixture.store.reserve(reserved, for: attempt, lease: 1000),
                is: .refused(.invalid(.revoked))
            )
            try await expect(fixture.store.commit(reserved, for: attempt), is: .lost)
            try await expect(tenant.state().held, is: 0)
            try await expect(fixture.store.renew([stream], of: tenant.tag), is: [LostStream(stream.attempt, .revoked)])
            try await expect(tenant.state().open, is: 0)
            let later = try await tenant.open(tenant.mint(), for: attempt)
            #expect(later.epoch == 1)
            try await expect(fixture.store.renew([later], of: tenant.tag), is: [])
        },
        StoreContract("disabling a key revokes only its tokens, and enabling it revives none") { fixture in
            let tenant = try await fixture.tenant()
            let otherKey = APIKey.random(tag: tenant.tag, fixture.bits).key
            try await fixture.store.addKey(otherKey, limit: .default)
            let token = try await tenant.mint()
            let other = tenant.newToken()
            _ = try await fixture.store.mint(other, with: otherKey, ttl: 60)
            let stream = try await tenant.open(tenant.mint(), for: fixture.attempt())
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: false))
            try await expect(fixture.store.renew([stream], of: tenant.tag), is: [LostStream(stream.attempt, .revoked)])
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: true))
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: true))
            try await expect(
                fixture.store.reserve(token, for: fixture.attempt(), lease: 1000),
                is: .refused(.invalid(.revoked))
            )
            _ = try await tenant.open(other, for: fixture.attempt())
            let later = try await tenant.open(tenant.mint(), for: fixture.attempt())
            #expect(later.keyEpoch == 1)
        },
    ]
}
