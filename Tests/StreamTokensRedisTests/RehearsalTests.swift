import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("A store rehearses its operations at the start")
struct RehearsalTests {
    private static let uses = [StoreUse.minting, .redeeming, .resuming, .admitting]

    @Test("a capable server causes no failures, and keeps nothing for longer than a second", arguments: uses)
    func capable(use: StoreUse) async throws {
        let server = try RedisServer()
        try await AccessUser(server.url.endpoint).withClient { client in
            await expect(RedisTokenStore(client: client).rehearse(use), is: [])
            for name in try await names(client) {
                try await expect(timeToLive(of: name, client) ?? 0, in: ...1000, "\(name)")
            }
            #expect(try await waitUntil { try await names(client).isEmpty })
        }
    }

    @Test("the users of functions/deploy/redis/users.acl may rehearse")
    func rights() async throws {
        let server = try RedisServer(arguments: ["--aclfile", AccessRole.file])
        for (role, use) in [(AccessRole.token, StoreUse.minting), (.stream, .resuming), (.admit, .admitting)] {
            try await role.user(on: server).withClient { client in
                await expect(RedisTokenStore(client: client).rehearse(use), is: [])
            }
        }
    }

    @Test(
        "a failure names the operation, and has the server's words",
        arguments: [(StoreUse.redeeming, "reserve", "check"), (.admitting, "admit", "commit")]
    )
    func incapable(use: StoreUse, incapableOf: String, capableOf: String) async throws {
        let server = try RedisServer()
        let limited = AccessUser(server.url.endpoint, "limited")
        try await AccessUser(server.url.endpoint).withClient { client in
            var command = RedisCommand("ACL")
            for word in ["SETUSER", "limited", "on", ">any", "~*", "+@all", "-zrange"] { command.append(word) }
            _ = try await client.perform(command)
        }
        try await limited.withClient { client in
            let store = RedisTokenStore(client: client)
            await expect(store.rehearse(.minting), is: [])
            let failures = await store.rehearse(use)
            let refusal = failures.first { $0.hasPrefix("the server cannot \(incapableOf): ") }
            // The texts of Redis 7, and of Redis 8 and Valkey.
            let texts = ["can't run this command", "has no permissions to run the 'zrange' command"]
            #expect(texts.contains { refusal?.contains($0) == true }, "\(failures)")
            #expect(!failures.contains { $0.hasPrefix("the server cannot \(capableOf)") }, "\(failures)")
        }
    }

    @Test("each primary of a cluster is checked")
    func cluster() async throws {
        let cluster = try await SharedServers.cluster
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let client = RedisClient(cluster.url, on: loop, timeout: .seconds(30))
        let store = RedisTokenStore(client: client)
        try await store.ping()
        let commands = (0..<200).map { number in
            return RedisCommand("GET", "{\(number)}")
        }
        await expect(client.representatives(of: commands).count, is: 3)
        await expect(store.rehearse(.minting), is: [])
        await expect(store.rehearse(.redeeming), is: [])
        await expect(store.rehearse(.admitting), is: [])
        await client.close()
    }

    private func names(_ client: RedisClient) async throws -> [String] {
        let command = RedisCommand("KEYS", "*")
        guard case .array(let names) = try await client.perform(command) else { return [] }
        return names.map { if case .string(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "" } }
    }

    private func timeToLive(of name: String, _ client: RedisClient) async throws -> Int? {
        let command = RedisCommand("PTTL", name)
        if case .integer(let time) = try await client.perform(command) { return time == -1 ? .max : time }
        return nil
    }
}
