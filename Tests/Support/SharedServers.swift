/// Servers that tests share; the tests do not disturb each other, because each has its own organizations. They end with
/// the process.
public enum SharedServers {
    private static let clusterStart = Task { try await ClusterServers() }
    private static let sentinelStart = Task { try await SentinelServers() }

    /// Three primaries.
    public static var cluster: ClusterServers {
        get async throws { try await clusterStart.value }
    }

    /// A primary, two replicas and three sentinels.
    public static var sentinel: SentinelServers {
        get async throws { try await sentinelStart.value }
    }
}
