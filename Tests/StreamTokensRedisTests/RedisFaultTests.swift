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

    @Test("a token whose policy is lost is not opened, and nothing is held for it")
    func policyLost() async throws {
        try await Self.withStore { store, client, tenant in
            for policy in Policy.examples where policy.encoded.count > 512 {
                let token = try await tenant.mint(policy)
                let command = RedisCommand("DEL", "st:{\(tenant.tag)}:tok:\(token.digest):p")
                try await expect(client.perform(command), is: .integer(1))
                let attempt = Attempt.random { .random(in: 0 ... .max) }
                for _ in 0..<2 {
                    try await expect(
                        store.reserve(token, for: attempt, lease: 1000),
                        is: .refused(.invalid(.unknown))
                    )
                }
                try await expect(tenant.state().held, is: 0)
                try await expect(store.inspect(token).policy, is: nil)
            }
        }
    }

    @Test("a policy that cannot be read is an error, and the token is not opened without it")
    func nonsensePolicy() async throws {
        try await Self.withStore { store, client, tenant in
            let token = try await tenant.mint()
            let name = "st:{\(tenant.tag)}:tok:\(token.digest)"
            guard case .string(let record)? = try await client.perform(RedisCommand("GET", name)) as RedisReply? else {
                Issue.record("no record")
                return
            }
            let plain = String(decoding: record, as: UTF8.self)
            let live = "l" + plain.dropFirst()
            for text in [
                live, live + " ", live + "  ", live + "   ", live + "   {", live + #"   {"later":1}"#,
                live + "  a b {}", live + "  \u{1} {}", live + "   +", "l" + live + "   {}",
            ] {
                _ = try await client.perform(RedisCommand("SET", name, text))
                let attempt = Attempt.random { .random(in: 0 ... .max) }
                let outcome = try? await store.reserve(token, for: attempt, lease: 1000)
                #expect(outcome == nil || outcome == .refused(.invalid(.unknown)), "\(text)")
            }
        }
    }

    @Test(
        "a lost reply to a mint, a reservation or a commit loses no policy",
        arguments: [FaultyProxy.Fate.cut, .loseReply],
        Policy.examples
    )
    func replyLost(fate: FaultyProxy.Fate, policy: Policy) async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let proxy = try FaultyProxy(to: SharedRedis.server.get(), on: loop)
        let client = RedisClient(try await proxy.start(), on: loop, timeout: .seconds(10))
        let store = RedisTokenStore(client: client)
        let fixture = StoreFixture(store, ManualClock())
        let tenant = try await fixture.tenant()
        await proxy.apply(fate, to: .mint, atMost: 1)
        let token = try await tenant.mint(policy)
        let attempts = [fixture.attempt(), fixture.attempt()]
        await proxy.apply(fate, to: .reserve, atMost: 1)
        guard case .reserved(let first) = try await store.reserve(token, for: attempts[0], lease: 35_000) else {
            Issue.record("the token was not reserved")
            return
        }
        #expect(first.policy == policy)
        await proxy.apply(fate, to: .commit, atMost: 1)
        try await expect(store.commit(token, for: attempts[0]), is: .committed)
        await proxy.apply(fate, to: .release, atMost: 1)
        try await store.release(token, for: attempts[0])
        guard case .reserved(let second) = try await store.reserve(token, for: attempts[1], lease: 35_000) else {
            Issue.record("the token is not live again")
            return
        }
        #expect(second.policy == policy)
        await client.close()
        await proxy.stop()
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
