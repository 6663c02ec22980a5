import FunctionEventLoop
import FunctionRedis
import Support
import Testing

@Suite("A cluster's nodes are found")
struct ClusterAddressTests {
    /// How nodes report their addresses.
    enum Address: CaseIterable {
        case plain
        /// By a hostname (`cluster-announce-hostname`).
        case name
        /// By the port alone (`cluster-preferred-endpoint-type unknown-endpoint`): the host is that of the server that
        /// was asked.
        case unknown
        /// By a hostname that was never announced: redirections contain `?`.
        case nameless
        case ipv6
        case password

        var options: ClusterServers.Options {
            var options = ClusterServers.Options()
            switch self {
            case .plain: break
            case .name:
                options.arguments = [
                    "--cluster-preferred-endpoint-type", "hostname", "--cluster-announce-hostname", "localhost",
                ]
            case .unknown: options.arguments = ["--cluster-preferred-endpoint-type", "unknown-endpoint"]
            case .nameless: options.arguments = ["--cluster-preferred-endpoint-type", "hostname"]
            case .ipv6: options.host = "::1"
            case .password: options.password = "a password"
            }
            return options
        }
    }

    @Test("from any one of them, and so are migrating and migrated slots", arguments: Address.allCases)
    func found(_ address: Address) async throws {
        let cluster = try await ClusterServers(address.options)
        let seed = RedisURL(.cluster, [cluster.url.endpoints[1]], password: cluster.url.password)
        try await withClient(seed, timeout: .seconds(20)) { client, _ in
            for number in 0..<50 { _ = try await client.perform("SET", "key \(number)", "\(number)") }
            let slot = try await cluster.slot(of: "key 7")
            let masters = [try await cluster.master(of: 0), try await cluster.master(of: 16_383)]
            let source = try await cluster.master(of: slot)
            // The primary of the two that does not have the slot.
            let target = source === masters[0] ? masters[1] : masters[0]
            let migration = try await SlotMigration(of: slot, to: target, in: cluster)
            try await migration.move(1)
            try await expect(client.perform("GET", "key 7"), is: .string(Array("7".utf8)))
            try await migration.finish()
            for number in 0..<50 {
                try await expect(client.perform("GET", "key \(number)"), is: .string(Array("\(number)".utf8)))
            }
        }
    }
}
