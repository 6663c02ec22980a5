import FunctionEventLoop
public import FunctionRedis

/// A test's own Redis Cluster: three primaries and their replicas, which end with the test process at the latest.
///
/// The nodes find each other, their slots and their replicas in the files in which a node keeps the cluster's state. So
/// the cluster is whole once its nodes run, two seconds after their start (a node accepts no writes before that).
public final class ClusterServers: Sendable {
    public struct Options: Sendable {
        /// How many replicas each primary has.
        public var replicas = 0
        /// The address that nodes listen on.
        public var host = "127.0.0.1"
        /// Whether clients and nodes use TLS only.
        public var isEncrypted = false
        /// The password of clients and replicas.
        public var password: String?
        /// Further arguments of each server.
        public var arguments: [String] = []
        /// The silence after which a node is taken for dead, in milliseconds.
        public var timeout = 1000

        public init() {}
    }

    static let masters = 3
    let options: Options
    private let members: Lock<[RedisNode]>

    /// Starts the cluster and waits until each of its nodes serves and the replicas have their primaries' data.
    public init(_ options: Options = Options()) async throws {
        self.options = options
        members = Lock(try Self.start(options))
        guard try await waitUntil({ try await isWhole() }) else {
            throw RedisServer.Failure(description: "the cluster did not become whole")
        }
    }

    public convenience init(replicas: Int) async throws {
        var options = Options()
        options.replicas = replicas
        try await self.init(options)
    }

    /// All members, dead ones included.
    public var nodes: [RedisNode] { members.withLock { $0 } }

    /// The URL for clients.
    public var url: RedisURL {
        let places = nodes.map(\.server.url.endpoint)
        return RedisURL(.cluster, places, isEncrypted: options.isEncrypted, password: options.password)
    }

    /// Adds a node without slots.
    public func add() async throws -> RedisNode {
        let plan = try NodePlan(options, slots: nil, master: nil)
        let node = try plan.start(among: [plan], options)
        let known = nodes
        members.withLock { $0.append(node) }
        try await known[0].perform("CLUSTER", "MEET", node.host, "\(node.port)", "\(plan.busPort)")
        guard try await waitUntil({ try await isWhole() }) else {
            throw RedisServer.Failure(description: "not all nodes know the new one")
        }
        return node
    }

    /// Removes and ends a node that has no slots any more.
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
                // Another process has taken one of the ports meanwhile.
                continue
            }
        }
    }
}
