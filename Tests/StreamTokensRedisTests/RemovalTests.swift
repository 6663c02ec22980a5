import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("Removing an organization from Redis")
struct RemovalTests {
    /// Runs `body` with a store on its own, empty server.
    private func withStore(_ body: (RedisTokenStore, RedisClient, ManualClock) async throws -> Void) async throws {
        let server = try RedisServer()
        try await AccessUser(server.url.endpoint).withClient { client in
            let clock = ManualClock()
            try await body(RedisTokenStore(client: client, clock: { clock.now }), client, clock)
        }
    }

    @Test("nothing of it is left, whatever it had")
    func whole() async throws {
        try await withStore { store, client, clock in
            let tenant = try await StoreFixture(store, clock).tenant(credits: 5)
            for _ in 0..<40 {
                try await store.addKey(APIKey.random(tag: tenant.tag) { .random(in: 0 ... .max) }.key, limit: .default)
            }
            #expect(try await store.addCredits(1, to: tenant.name))
            _ = try await tenant.open(tenant.mint(), for: .random { 1 })
            _ = try await tenant.reserve(tenant.mint(), for: .random { 2 })
            #expect(try await store.removeKey(.key(tenant.key)))
            #expect(try await store.removeOrganization(named: tenant.name))
            try await expect(client.perform(RedisCommand("DBSIZE")), is: .integer(0))
        }
    }

    @Test(
        "after an interrupted removal, the organization does not exist, can be removed again, and can be made anew"
    )
    func brokenOff() async throws {
        try await withStore { store, client, clock in
            let tenant = try await StoreFixture(store, clock).tenant()
            let (token, live) = (try await tenant.mint(), try await tenant.mint())
            let stream = try await tenant.open(token, for: .random { 1 })
            // As after the first step.
            for part in ["org", "held", "open", "key:\(tenant.key.digest)"] {
                _ = try await client.perform(RedisCommand("UNLINK", "st:{\(tenant.tag)}:\(part)"))
            }
            try await expect(store.mint(tenant.newToken(), with: tenant.key, ttl: 60), is: .unauthorized)
            try await expect(store.reserve(live, for: .random { 2 }, lease: 1000), is: .refused(.invalid(.unknown)))
            try await expect(store.renew([stream], of: tenant.tag), is: [LostStream(stream.attempt, .forgotten)])
            try await expect(store.findOrganization(named: tenant.name), is: nil)
            try await expect(store.organizations(), is: [])
            try await expect(store.keys(of: nil), is: [])

            let again = try await store.organization(named: tenant.name) { .random { .random(in: 0 ... .max) } }
            let key = APIKey.random(tag: again.tag) { .random(in: 0 ... .max) }.key
            try await store.addKey(key, limit: .default)
            try await expect(store.reserve(live, for: .random { 2 }, lease: 1000), is: .refused(.invalid(.revoked)))
            #expect(try await store.removeOrganization(named: tenant.name))

            _ = try await client.perform(RedisCommand("HSET", "st:orgs", tenant.name, tenant.tag.text))
            #expect(try await !store.removeOrganization(named: tenant.name))
            try await expect(client.perform(RedisCommand("DBSIZE")), is: .integer(0))
        }
    }
}
