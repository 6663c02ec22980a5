public import FunctionEventLoop
import FunctionRedis

/// The slots' owners and the replicas, as the nodes report them.
extension ClusterServers {
    /// The slot of a key, or of everything that belongs to an organization.
    public func slot(of key: String) async throws -> Int {
        guard case .integer(let slot) = try await anyNode.perform("CLUSTER", "KEYSLOT", key) else {
            throw RedisServer.Failure(description: "no slot")
        }
        return slot
    }

    /// The primary that has the slot, as a running node reports it.
    public func master(of slot: Int) async throws -> RedisNode {
        let view = try await anyNode.view()
        guard let entry = view.first(where: { $0.slots.contains { $0.contains(slot) } }),
            let node = nodes.first(where: { $0.id == entry.id })
        else { throw RedisServer.Failure(description: "no node has slot \(slot)") }
        return node
    }

    /// The replicas of a primary, as it reports them itself.
    public func replicas(of master: RedisNode) async throws -> [RedisNode] {
        let ids = try await master.view().filter { $0.master == master.id }.map(\.id)
        return nodes.filter { ids.contains($0.id) }
    }

    /// Waits until a running node reports another owner of the slot than `old`. Returns that owner, and when it was
    /// first reported.
    public func successor(of old: RedisNode, for slot: Int) async throws -> (node: RedisNode, seen: Instant) {
        var found: (RedisNode, Instant)?
        let isFound = try await waitUntil {
            for node in nodes where node.server.isRunning {
                let entry = try await node.view().first { $0.slots.contains { $0.contains(slot) } }
                guard let entry, entry.id != old.id, let owner = nodes.first(where: { $0.id == entry.id }) else {
                    continue
                }
                found = (owner, .now)
                return true
            }
            return false
        }
        guard isFound, let found else { throw RedisServer.Failure(description: "no node took over slot \(slot)") }
        return found
    }

    /// Whether all running nodes know each other and serve, and the replicas have their primaries' data.
    public func isWhole() async throws -> Bool {
        let running = nodes.filter(\.server.isRunning)
        for node in running {
            let info = try await node.perform("CLUSTER", "INFO")
            guard info.value(of: "cluster_state") == "ok", info.value(of: "cluster_known_nodes") == "\(nodes.count)"
            else { return false }
            let replication = try await node.perform("INFO", "replication")
            guard replication.value(of: "role") == "slave" else { continue }
            guard replication.value(of: "master_link_status") == "up" else { return false }
        }
        return true
    }

    private var anyNode: RedisNode {
        get throws {
            guard let node = nodes.first(where: { $0.server.isRunning }) else {
                throw RedisServer.Failure(description: "no node runs")
            }
            return node
        }
    }
}

/// A line of CLUSTER NODES.
struct NodeEntry {
    let id: String
    let flags: [Substring]
    /// The primary's id, for a replica.
    let master: String?
    let slots: [ClosedRange<Int>]

    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count >= 8 else { return nil }
        id = String(fields[0])
        flags = fields[2].split(separator: ",")
        master = fields[3] == "-" ? nil : String(fields[3])
        // Migrating slots are in brackets.
        slots = fields[8...].filter { !$0.hasPrefix("[") }.compactMap { range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            return ends.isEmpty ? nil : ends[0]...ends[ends.count - 1]
        }
    }
}

extension RedisNode {
    /// The nodes as this one sees them.
    func view() async throws -> [NodeEntry] {
        let text = try await perform("CLUSTER", "NODES").text ?? ""
        return text.split(whereSeparator: \.isNewline).compactMap(NodeEntry.init)
    }
}
