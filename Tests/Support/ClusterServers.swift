import FunctionEventLoop
public import FunctionRedis

/// A Redis Cluster of the test's own: three masters and their replicas, that end with the test process at the latest.
///
/// Nodes find each other, with their slots and replicas, in the files that a cluster keeps of itself: so it is whole as
/// soon as its nodes run, two seconds after their start (a node takes no writes before).
public final class ClusterServers: Sendable {
    public struct Options: Sendable {
        /// How many replicas each master has.
        public var replicas = 0
        /// The address that nodes listen on.
        public var host = "127.0.0.1"
        /// Whether clients and nodes speak TLS, and nothing else.
        public var isEncrypted = false
        /// What clients and replicas have to know.
        public var password: String?
        /// Further arguments of each server.
        public var arguments: [String] = []
        /// After how long without an answer a node is taken for dead, in milliseconds.
        public var patience = 1000

        public init() {}
    }

    static let masters = 3
    let options: Options
    private let members: Lock<[RedisNode]>

    /// Starts the cluster and waits until each of its nodes serves, and replicas have what their masters have.
    public init(_ options: Options = Options()) async throws {
        self.options = options
        members = Lock(try Self.start(options))
        guard try await waitUntil({ try await isWhole() }) else {
            throw RedisServer.Failure(description: "the cluster does not come about")
        }
    }

    public convenience init(replicas: Int) async throws {
        var options = Options()
        options.replicas = replicas
        try await self.init(options)
    }

    /// All that belong to it, those included that are dead.
    public var nodes: [RedisNode] { members.withLock { $0 } }

    /// Where a client may begin.
    public var url: RedisURL {
        let places = nodes.map(\.server.url.endpoint)
        return RedisURL(.cluster, places, isEncrypted: options.isEncrypted, password: options.password)
    }

    /// A node that has no slots yet joins.
    public func add() async throws -> RedisNode {
        let plan = try NodePlan(options, slots: nil, master: nil)
        let node = try plan.start(among: [plan], options)
        let known = nodes
        members.withLock { $0.append(node) }
        try await known[0].perform("CLUSTER", "MEET", node.host, "\(node.port)", "\(plan.busPort)")
        guard try await waitUntil({ try await isWhole() }) else {
            throw RedisServer.Failure(description: "the new node is not known to all")
        }
        return node
    }

    /// A node that has no slots any more is forgotten and ended.
    public func remove(_ node: RedisNode) async throws {
        members.withLock { $0.removeAll { $0 === node } }
        for other in nodes { try await other.perform("CLUSTER", "FORGET", node.id) }
        node.server.kill()
    }

    private static func start(_ options: Options) throws -> [RedisNode] {
        var attempts = 0
        while true {
            attempts += 1
            do {
                let plans = try NodePlan.plans(options)
                return try plans.map { try $0.start(among: plans, options) }
            } catch  where attempts < 5 {
                // Somebody took one of the ports in between.
                continue
            }
        }
    }
}
