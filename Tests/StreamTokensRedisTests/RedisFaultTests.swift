import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("A Redis that fails")
struct RedisFaultTests {
    @Test("a mint that runs out of memory changes nothing")
    func outOfMemory() async throws {
        try await Self.withStore { store, client, tenant in
            try await Self.configure(client, "maxmemory", "1")
            let token = tenant.newToken()
            let error = await #expect(throws: StoreError.self) {
                try await store.mint(token, with: tenant.key, ttl: 60)
            }
            #expect(error?.description.contains("OOM") == true)
            try await Self.configure(client, "maxmemory", "0")
            try await expect(store.show(token), is: .unknown)
            let outcome = try await store.mint(token, with: tenant.key, ttl: 60)
            #expect(outcome == .minted(Rate(limit: 1000, remaining: 999, retryAfter: 0)))
        }
    }

    @Test("a name of another type is an error, not a crash")
    func wrongType() async throws {
        try await Self.withStore { store, client, tenant in
            let command = RedisCommand("SET", "st:{\(tenant.tag)}:org", "nonsense")
            _ = try await client.perform(command)
            await #expect(throws: StoreError.self) {
                try await store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            }
            await #expect(throws: StoreError.self) { try await store.findOrganization(named: tenant.name) }
        }
    }

    @Test("a malformed record is an error, not a crash")
    func nonsenseRecord() async throws {
        try await Self.withStore { store, client, tenant in
            let token = try await tenant.mint()
            let command = RedisCommand("SET", "st:{\(tenant.tag)}:tok:\(token.digest)", "nonsense")
            _ = try await client.perform(command)
            await #expect(throws: StoreError.self) { try await store.show(token) }
            await #expect(throws: StoreError.self) {
                try await store.reserve(token, for: .random { 1 }, lease: 1000)
            }
        }
    }

    @Test("operations on a missing server fail")
    func gone() async throws {
        let server = try RedisServer()
        try await Self.withStore(server, timeout: .milliseconds(200)) { store, _, tenant in
            server.kill()
            await #expect(throws: StoreError.self) { try await store.ping() }
            await #expect(throws: StoreError.self) {
                try await store.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            }
        }
    }

    private static func configure(_ client: RedisClient, _ name: String, _ value: String) async throws {
        var command = RedisCommand("CONFIG", "SET", name)
        command.append(value)
        _ = try await client.perform(command)
    }

    /// Runs `body` with a store on its own server, and an organization in it.
    private static func withStore(
        _ server: RedisServer? = nil,
        timeout: Interval = .seconds(10),
        _ body: (RedisTokenStore, RedisClient, Tenant) async throws -> Void
    ) async throws {
        let server = try server ?? RedisServer()
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let client = RedisClient(server.url, on: loop, timeout: timeout)
        let store = RedisTokenStore(client: client)
        do {
            try await body(store, client, try await StoreFixture(store, ManualClock()).tenant())
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }
}
