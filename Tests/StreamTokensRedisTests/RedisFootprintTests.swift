import FunctionEventLoop
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

    @Test(
        "a live token takes at most 200 bytes, with user and workflow 300, with 8 KiB of variables 9 KiB",
        arguments: [
            (nil, 200), (#"{"user":"user-8f3a5c1e9b7d4f60","workflows":["summarize"]}"#, 300),
            (#"{"variables":{"text":"\#(String(repeating: "x", count: 8181))"}}"#, 9216),
        ] as [(String?, Int)]
    )
    func memory(text: String?, limit: Int) async throws {
        let policy = try text.flatMap { try MintRequest(reading: Array($0.utf8)).policy }
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let server = try RedisServer()
        let client = RedisClient(server.url, on: loop, timeout: .seconds(60))
        let store = RedisTokenStore(client: client)
        let fixture = StoreFixture(store, ManualClock(), on: loop)
        let tenant = try await fixture.tenant(limit: RateLimit(limit: 1_000_000, window: 1000))
        // As many as the tables of keys have room for, so that they do not grow halfway. The organization, its key and
        // the first token are there before.
        let count = 4096
        _ = try await store.mint(tenant.newToken(), with: tenant.key, ttl: 300, policy: policy)
        let before = try await Self.usedMemory(client)
        let mints = (0..<count - 4).map { _ in
            SimultaneousMints.Mint(token: tenant.newToken(), ttl: 300, policy: policy)
        }
        for start in stride(from: 0, to: mints.count, by: 93) {
            let some = Array(mints[start..<start + 93])
            for outcome in try await SimultaneousMints(some, with: tenant.key).outcomes(on: store, loop) {
                guard case .minted = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
            }
        }
        let used = try await Self.usedMemory(client) - before
        await client.close()
        #expect(used / mints.count <= limit)
    }

    private static func usedMemory(_ client: RedisClient) async throws -> Int {
        let reply = try await client.perform(RedisCommand("INFO", "memory"))
        let line = try #require(reply.text?.split(separator: "\r\n").first { $0.hasPrefix("used_memory:") })
        return try #require(Int(line.dropFirst("used_memory:".count)))
    }

    @Test("a long policy is written once, whatever becomes of its token")
    func writtenOnce() async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        // Otherwise a slow disk delays the writes, and with them the file's size that Redis tells.
        let server = try RedisServer(.tcp, arguments: ["--appendonly", "yes", "--appendfsync", "always"])
        let client = RedisClient(server.url, on: loop, timeout: .seconds(60))
        let store = RedisTokenStore(client: client)
        let fixture = StoreFixture(store, ManualClock(), on: loop)
        let tenant = try await fixture.tenant()
        func written() async throws -> Int {
            let reply = try await client.perform(RedisCommand("INFO", "persistence"))
            let line = try #require(reply.text?.split(separator: "\r\n").first { $0.hasPrefix("aof_current_size:") })
            return try #require(Int(line.dropFirst("aof_current_size:".count)))
        }
        let policy = try #require(Policy.examples.first { $0.encoded.count > 8000 })
        let start = try await written()
        let (token, attempts) = (try await tenant.mint(policy), [fixture.attempt(), fixture.attempt()])
        let minted = try await written()
        #expect(8000..<9216 ~= minted - start)
        let stream = try await tenant.reserve(token, for: attempts[0])
        try await expect(store.renew([], reserved: [stream], of: tenant.tag), is: [])
        try await store.release(token, for: attempts[0], refusal: .variableLocked)
        _ = try await tenant.open(token, for: attempts[1])
        try await store.release(token, for: attempts[1])
        _ = try await store.mint(token, with: tenant.key, ttl: 60, policy: policy)
        _ = try await store.revoke(token)
        let end = try await written()
        #expect(end - minted < 6000)
        await client.close()
    }

    @Test("everything except organizations and keys expires")
    func expiry() async throws {
        let (store, tenant) = try await Self.tenant()
        for policy in Policy.examples {
            _ = try await tenant.mint(ttl: 7, policy)
            let attempt = Attempt.random(Self.bits)
            let stream = try await tenant.reserve(tenant.mint(policy), for: attempt)
            try await expect(store.renew([], reserved: [stream], of: tenant.tag), is: [])
            try await store.release(stream.token, for: attempt)
        }
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
        for policy in Policy.examples { _ = try await tenant.mint(policy) }
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
