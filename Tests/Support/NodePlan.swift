import FunctionRedis

/// The configuration of a cluster node, and its line in the nodes' files (the format of CLUSTER NODES).
struct NodePlan {
    let id: String
    let port: UInt16
    let busPort: UInt16
    /// A primary's slots, if it has any.
    let slots: ClosedRange<Int>?
    /// The primary's id, for a replica.
    let master: String?
    /// Decides whose claim to a slot counts.
    var epoch = 0

    init(_ options: ClusterServers.Options, slots: ClosedRange<Int>?, master: String?, epoch: Int = 0) throws {
        id = RedisNode.newID()
        port = try FreePort.find()
        busPort = try FreePort.find()
        self.slots = slots
        self.master = master
        self.epoch = epoch
    }

    /// Three primaries with a third of the slots each, followed by their replicas.
    static func plans(_ options: ClusterServers.Options) throws -> [NodePlan] {
        let count = ClusterServers.masters
        let masters = try (0..<count).map { index in
            let slots = 16_384 * index / count...16_384 * (index + 1) / count - 1
            return try NodePlan(options, slots: slots, master: nil, epoch: index + 1)
        }
        let replicas = try (0..<count * options.replicas).map { index in
            try NodePlan(options, slots: nil, master: masters[index % count].id)
        }
        let plans = masters + replicas
        guard Set(plans.flatMap { [$0.port, $0.busPort] }).count == 2 * plans.count else {
            throw RedisServer.Failure(description: "a port was found twice")
        }
        return plans
    }

    func start(among plans: [NodePlan], _ options: ClusterServers.Options) throws -> RedisNode {
        let epoch = plans.map(\.epoch).max() ?? 0
        let lines = plans.map { $0.line(isMyself: $0.id == id, options.host) }
        let file = lines.joined() + "vars currentEpoch \(epoch) lastVoteEpoch 0\n"
        let endpoint = RedisURL.Endpoint.tcp(host: options.host, port: port)
        let url = RedisURL(endpoint, isEncrypted: options.isEncrypted, password: options.password)
        let tls = ["--tls-cluster", "yes", "--tls-replication", "yes", "--tls-port", "\(port)"]
        let listening =
            options.isEncrypted ? try Certificates.shared.serverArguments("server") + tls : ["--port", "\(port)"]
        let server = try RedisServer(url, files: ["nodes.conf": file]) { folder in
            let kept = ["--dir", folder, "--save", "", "--appendonly", "no"]
            let place = ["--bind", options.host, "--cluster-port", "\(busPort)"] + listening
            let cluster = [
                "--cluster-enabled", "yes", "--cluster-node-timeout", "\(options.timeout)",
                "--cluster-allow-replica-migration", "no", "--repl-diskless-sync", "no",
            ]
            let password = options.password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
            return kept + place + cluster + password + options.arguments
        }
        return try RedisNode(server, id: id)
    }

    private func line(isMyself: Bool, _ host: String) -> String {
        let flags = (isMyself ? "myself," : "") + (master == nil ? "master" : "slave")
        let range = slots.map { " \($0.lowerBound)-\($0.upperBound)" } ?? ""
        return "\(id) \(host):\(port)@\(busPort) \(flags) \(master ?? "-") 0 0 \(epoch) connected\(range)\n"
    }
}
