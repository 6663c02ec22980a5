import StreamTokens
import Testing

extension StoreContract {
    static let keys = [
        StoreContract("a key is found, disabled and enabled without affecting other keys") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let other = APIKey.random(tag: tenant.tag, fixture.bits).key
            try await store.addKey(other, name: "the other", limit: .default)
            let expected = KeyRecord(
                id: other.id,
                organization: tenant.name,
                name: "the other",
                enabled: true,
                rate: .default
            )
            try await expect(store.findKey(.key(other)), is: expected)
            try await expect(store.findKey(.id(other.id)), is: expected)
            #expect(try await store.setKey(.key(other), enabled: false))
            try await expect(store.findKey(.key(other))?.enabled, is: false)
            try await expect(store.mint(tenant.newToken(), with: other, ttl: 60), is: .unauthorized)
            _ = try await tenant.mint()
            #expect(try await store.setKey(.key(other), enabled: true))
            try await expect(store.findKey(.id(other.id))?.enabled, is: true)
        },
        StoreContract("a key's new limit holds from its next mint, and its count stays if the window does") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant(limit: RateLimit(limit: 2, window: 60_000)))
            _ = try await tenant.mint()
            #expect(try await store.updateKey(.id(tenant.key.id), KeyChange(limit: 5)))
            try await expect(store.findKey(.key(tenant.key))?.rate, is: RateLimit(limit: 5, window: 60_000))
            let minted = try await store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            #expect(minted == .minted(Rate(limit: 5, remaining: 3, retryAfter: 0)))
            #expect(try await store.updateKey(.key(tenant.key), KeyChange(limit: 1)))
            guard case .limited = try await store.mint(tenant.newToken(), with: tenant.key, ttl: 60) else {
                Issue.record("the lower limit does not hold")
                return
            }
            #expect(try await store.updateKey(.key(tenant.key), KeyChange(window: 1000)))
            _ = try await tenant.mint()
        },
        StoreContract("a key's name is set, survives a new limit, and is removed") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let key = KeyReference.id(tenant.key.id)
            try await expect(store.findKey(key)?.name, is: nil)
            #expect(try await store.updateKey(key, KeyChange(name: "na\u{EF}ve \"key\"")))
            #expect(try await store.updateKey(key, KeyChange(limit: 7)))
            try await expect(store.keys(of: tenant.name).map(\.name), is: ["na\u{EF}ve \"key\""])
            #expect(try await store.updateKey(key, KeyChange(name: "")))
            try await expect(store.findKey(key)?.name, is: nil)
            try await expect(store.findKey(key)?.rate.limit, is: 7)
        },
        StoreContract("removing a key revokes its tokens and streams, and no other key's") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let other = APIKey.random(tag: tenant.tag, fixture.bits).key
            try await store.addKey(other, limit: .default)
            let otherToken = tenant.newToken()
            _ = try await store.mint(otherToken, with: other, ttl: 60)
            let (live, reserved, attempt) = (try await tenant.mint(), try await tenant.mint(), fixture.attempt())
            _ = try await tenant.reserve(reserved, for: attempt)
            let stream = try await tenant.open(tenant.mint(), for: fixture.attempt())
            #expect(try await store.removeKey(.id(tenant.key.id)))
            #expect(try await !store.removeKey(.id(tenant.key.id)))
            try await expect(store.mint(tenant.newToken(), with: tenant.key, ttl: 60), is: .unauthorized)
            try await expect(store.reserve(live, for: attempt, lease: 1000), is: .refused(.invalid(.revoked)))
            try await expect(store.show(live), is: .revoked(keyID: tenant.key.id, at: nil))
            try await expect(store.commit(reserved, for: attempt), is: .lost)
            try await expect(store.renew([stream], of: tenant.tag), is: [LostStream(stream.attempt, .revoked)])
            try await expect(store.keys(of: tenant.name).map(\.id), is: [other.id])
            _ = try await tenant.open(otherToken, for: fixture.attempt())
        },
        StoreContract("adding a removed key again revives none of its tokens") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let token = try await tenant.mint()
            #expect(try await store.removeKey(.key(tenant.key)))
            try await store.addKey(tenant.key, limit: .default)
            try await expect(
                store.reserve(token, for: fixture.attempt(), lease: 1000),
                is: .refused(.invalid(.revoked))
            )
            let later = try await tenant.open(tenant.mint(), for: fixture.attempt())
            #expect(later.keyEpoch == 1)
        },
    ]
}
