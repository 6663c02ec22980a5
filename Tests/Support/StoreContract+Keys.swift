import StreamTokens
import Testing

extension StoreContract {
    static let keys = [
        StoreContract("a key is found, disabled and enabled without affecting other keys") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let other = APIKey.random(tag: tenant.tag, fixture.bits).key
            try await store.addKey(other, name: "the other", limit: .standard)
            let expected = KeyRecord(
                id: other.id,
                organization: tenant.name,
                name: "the other",
                enabled: true,
                rate: .standard
            )
            #expect(try await store.findKey(.key(other)) == expected)
            #expect(try await store.findKey(.id(other.id)) == expected)
            #expect(try await store.setKey(.key(other), enabled: false))
            #expect(try await store.findKey(.key(other))?.enabled == false)
            #expect(try await store.mint(tenant.newToken(), with: other, ttl: 60) == .unauthorized)
            _ = try await tenant.mint()
            #expect(try await store.setKey(.key(other), enabled: true))
            #expect(try await store.findKey(.id(other.id))?.enabled == true)
        },
        StoreContract("a key's new limit holds from its next mint, and its count stays if the window does") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant(limit: RateLimit(limit: 2, window: 60_000)))
            _ = try await tenant.mint()
            #expect(try await store.updateKey(.id(tenant.key.id), KeyChange(limit: 5)))
            #expect(try await store.findKey(.key(tenant.key))?.rate == RateLimit(limit: 5, window: 60_000))
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
            #expect(try await store.findKey(key)?.name == nil)
            #expect(try await store.updateKey(key, KeyChange(name: "na\u{EF}ve \"key\"")))
            #expect(try await store.updateKey(key, KeyChange(limit: 7)))
            #expect(try await store.keys(of: tenant.name).map(\.name) == ["na\u{EF}ve \"key\""])
            #expect(try await store.updateKey(key, KeyChange(name: "")))
            #expect(try await store.findKey(key)?.name == nil)
            #expect(try await store.findKey(key)?.rate.limit == 7)
        },
        StoreContract("removing a key revokes its tokens and streams, and no other key's") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let other = APIKey.random(tag: tenant.tag, fixture.bits).key
            try await store.addKey(other, limit: .standard)
            let otherToken = tenant.newToken()
            _ = try await store.mint(otherToken, with: other, ttl: 60)
            let (live, reserved, attempt) = (try await tenant.mint(), try await tenant.mint(), fixture.attempt())
            _ = try await tenant.reserve(reserved, for: attempt)
            let stream = try await tenant.open(tenant.mint(), for: fixture.attempt())
            #expect(try await store.removeKey(.id(tenant.key.id)))
            #expect(try await !store.removeKey(.id(tenant.key.id)))
            #expect(try await store.mint(tenant.newToken(), with: tenant.key, ttl: 60) == .unauthorized)
            #expect(try await store.reserve(live, for: attempt, lease: 1000) == .refused(.invalid(.revoked)))
            #expect(try await store.show(live) == .revoked(keyID: tenant.key.id, at: nil))
            #expect(try await store.commit(reserved, for: attempt) == .lost)
            #expect(try await store.renew([stream], of: tenant.tag) == [LostStream(stream.attempt, .revoked)])
            #expect(try await store.keys(of: tenant.name).map(\.id) == [other.id])
            _ = try await tenant.open(otherToken, for: fixture.attempt())
        },
        StoreContract("adding a removed key again revives none of its tokens") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let token = try await tenant.mint()
            #expect(try await store.removeKey(.key(tenant.key)))
            try await store.addKey(tenant.key, limit: .standard)
            #expect(try await store.reserve(token, for: fixture.attempt(), lease: 1000) == .refused(.invalid(.revoked)))
            let later = try await tenant.open(tenant.mint(), for: fixture.attempt())
            #expect(later.keyEpoch == 1)
        },
    ]
}
