#if TLS
import FunctionEventLoop
import FunctionRedis
import Support
import FunctionTLS
import Testing

@Suite("Several servers over TLS")
struct NodesTLSTests {
    @Test("a cluster's slots are found, migrating ones included")
    func cluster() async throws {
        var options = ClusterServers.Options()
        options.isEncrypted = true
        let cluster = try await ClusterServers(options)
        try await withLoop { loop in
            let client = RedisClient(cluster.url, on: loop, timeout: .seconds(20), tls: try .ofTests())
            for number in 0..<20 { _ = try await client.perform("SET", "key \(number)", "\(number)") }
            let masters = [try await cluster.master(of: 0), try await cluster.master(of: 16_383)]
            let slot = try await cluster.slot(of: "key 7")
            let source = try await cluster.master(of: slot)
            let migration = try await SlotMigration(of: slot, to: masters[source === masters[0] ? 1 : 0], in: cluster)
            try await migration.move(1)
            try await expect(client.perform("GET", "key 7"), is: .string(Array("7".utf8)))
            try await migration.finish()
            for number in 0..<20 {
                try await expect(client.perform("GET", "key \(number)"), is: .string(Array("\(number)".utf8)))
            }
            await client.close()
        }
    }

    @Test("the primary behind sentinels is followed")
    func sentinel() async throws {
        var options = SentinelServers.Options()
        options.isEncrypted = true
        let servers = try await SentinelServers(options)
        try await withLoop { loop in
            let client = RedisClient(servers.url, on: loop, timeout: .seconds(20), tls: try .ofTests())
            _ = try await client.perform("SET", "a", "1")
            let old = try await servers.master()
            old.server.kill()
            let new = try await servers.successor(of: old).node
            _ = try await client.perform("SET", "b", "2")
            try await expect(new.perform("GET", "b"), is: .string(Array("2".utf8)))
            await client.close()
        }
    }
}
#endif
