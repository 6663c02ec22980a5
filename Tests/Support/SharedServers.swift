/// Servers for tests that do not disturb each other: each has organizations of its own. They end with the process.
public enum SharedServers {
    private static let clusterStart = Task { try await ClusterServers() }
    private static let sentinelStart = Task { try await SentinelServers() }

    /// Three masters.
    public static var cluster: ClusterServers {
        get async throws { try await clusterStart.value }
    }

    /// A master, two replicas and three sentinels.
    public static var sentinel: SentinelServers {
        get async throws { try await sentinelStart.value }
    }
}
