import FunctionRedis

/// The migration of a slot from one node to another, step by step (redis.io, CLUSTER SETSLOT, "Redis Cluster live
/// resharding explained").
public struct SlotMigration: Sendable {
    let cluster: ClusterServers
    public let slot: Int
    public let source: RedisNode
    public let target: RedisNode

    /// Announces the migration: from now on, the slot's commands may be redirected.
    public init(of slot: Int, to target: RedisNode, in cluster: ClusterServers) async throws {
        self.cluster = cluster
        self.slot = slot
        self.target = target
        source = try await cluster.master(of: slot)
        try await target.perform("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", source.id)
        try await source.perform("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", target.id)
    }

    /// Moves at most `count` keys; returns how many it moved.
    @discardableResult
    public func move(_ count: Int) async throws -> Int {
        let keys = try await source.perform("CLUSTER", "GETKEYSINSLOT", "\(slot)", "\(count)").elements
        guard !keys.isEmpty else { return 0 }
        let password = cluster.options.password.map { ["AUTH", $0] } ?? []
        let words = [target.host, "\(target.port)", "", "0", "5000"] + password + ["KEYS"]
        try await source.perform("MIGRATE", words + keys.compactMap(\.text))
        return keys.count
    }

    /// Moves the remaining keys and makes the target the slot's only owner.
    public func finish() async throws {
        while try await move(100) > 0 {}
        // The new owner is told first, then the old one, so that the slot is served all the time.
        let owners = [target, source]
        let others = cluster.nodes.filter { node in !owners.contains { $0 === node } && node.server.isRunning }
        for node in owners { try await node.perform("CLUSTER", "SETSLOT", "\(slot)", "NODE", target.id) }
        for node in others {
            // A replica learns it from its primary.
            guard try await node.info("role") == "master" else { continue }
            try await node.perform("CLUSTER", "SETSLOT", "\(slot)", "NODE", target.id)
        }
    }
}

extension ClusterServers {
    /// Moves a slot and all its keys.
    public func migrate(_ slot: Int, to target: RedisNode) async throws {
        try await SlotMigration(of: slot, to: target, in: self).finish()
    }
}
