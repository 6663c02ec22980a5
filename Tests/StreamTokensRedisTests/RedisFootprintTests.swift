import FunctionRedis
import StreamTokens
import Support
import Testing

@testable import StreamTokensRedis

@Suite("The store's footprint in Redis")
struct RedisFootprintTests {
    @Test("a live token's record shares one allocation with its header")
    func recordSize() async throws {
        let (store, tenant) = try await Self.tenant()
        let token = try await tenant.mint(ttl: 300)
        var command = RedisCommand("OBJECT", "ENCODING")
        command.append(token)
        try await expect(store.client.perform(command), is: .string(Array("embstr".utf8)))
    }

    @Test("everything except organizations and keys expires")
    func expiry() async throws {
        let (store, tenant) = try await Self.tenant()
        _ = try await tenant.mint(ttl: 7)
        let (reserved, used) = (try await tenant.mint(), try await tenant.mint())
        _ = try await tenant.reserve(reserved, for: .random(Self.bits))
        _ = try await tenant.open(used, for: .random(Self.bits))
        #expect(try await store.addCredits(1, to: tenant.name))
        try await store.useKey(tenant.key, requests: 1)
        var lasting: [String] = []
        for name in try await Self.names(of: tenant.tag, store) {
            let command = RedisCommand("PTTL", name)
            let lifetime = try #require(try await store.client.perform(command).integer)
            if lifetime < 0 { lasting.append(name) } else { #expect(lifetime <= 120_000) }
        }
        let prefix = "st:{\(tenant.tag)}:"
        #expect(lasting.sorted() == ["\(prefix)key:\(tenant.key.digest)", "\(prefix)org"])
    }

    @Test("a removed organization leaves nothing")
    func removal() async throws {
        let (store, tenant) = try await Self.tenant()
        _ = try await tenant.open(tenant.mint(), for: .random(Self.bits))
        try await store.removeOrganization(named: tenant.name)
        try await expect(Self.names(of: tenant.tag, store), is: [])
    }

    @Test("the time is that of Redis' clock plus the offset")
    func offset() async throws {
        let (_, tenant) = try await Self.tenant()
        let token = try await tenant.mint(ttl: 300)
        let client = try SharedRedis.client()
        let before = RedisTokenStore(client: client, clockOffset: 240_000)
        let after = RedisTokenStore(client: client, clockOffset: 300_001)
        guard case .live(_, let minted, let expiry) = try await before.show(token) else {
            Issue.record("the token is not live")
            return
        }
        #expect(expiry == minted + 300_000)
        try await expect(after.show(token), is: .unknown)
        let refused = ReserveOutcome.refused(.invalid(.expired))
        try await expect(after.reserve(token, for: .random(Self.bits), lease: 1000), is: refused)
        // Its record still exists, and must not prevent another mint of the name.
        guard case .minted = try await after.mint(token, with: tenant.key, ttl: 60) else {
            Issue.record("the token was not minted anew")
            return
        }
        guard case .live = try await after.show(token) else {
            Issue.record("the token is not live again")
            return
        }
    }

    @Test("a repeated call adds credits only once")
    func addingTwice() async throws {
        let (store, tenant) = try await Self.tenant()
        #expect(try await store.setCredits(1, of: tenant.name))
        let call = Attempt.random(Self.bits)
        for _ in 0..<2 {
            var command = RedisCommand(evaluating: Scripts.addCredits, keyCount: 2)
            command.appendOrganization(tenant.tag)
            command.appendCall(call, of: tenant.tag)
            command.append(5)
            command.append(60_000)
            try await expect(store.client.perform(command), is: .integer(1))
        }
        try await expect(tenant.state().credits, is: 6)
    }

    private static let bits: RandomBits = { .random(in: 0 ... .max) }

    /// An organization in a store with Redis' own clock.
    private static func tenant() async throws -> (RedisTokenStore, Tenant) {
        let store = RedisTokenStore(client: try SharedRedis.client())
        return (store, try await StoreFixture(store, ManualClock()).tenant(credits: 9))
    }

    private static func names(of tag: StreamTokens.Tag, _ store: RedisTokenStore) async throws -> [String] {
        let command = RedisCommand("KEYS", "st:{\(tag)}:*")
        return try #require(try await store.client.perform(command).elements).compactMap(\.text)
    }
}
