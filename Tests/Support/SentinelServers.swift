public import FunctionEventLoop
public import FunctionRedis

/// A master with replicas and three sentinels, of the test's own, that end with the test process at the latest.
///
/// The sentinels know each other and the replicas from their files: to find out takes them seconds.
public final class SentinelServers: Sendable {
    public struct Options: Sendable {
        /// Whether clients, servers and sentinels speak TLS, and nothing else.
        public var isEncrypted = false
        /// What clients, replicas and sentinels have to know to talk to a server.
        public var password: String?
        /// What clients and other sentinels have to know to talk to a sentinel.
        public var sentinelPassword: String?
        /// Further arguments of each server.
        public var arguments: [String] = []
        /// After how long without an answer the master is taken for dead, in milliseconds.
        public var patience = 1000

        public init() {}
    }

    /// What the master is called.
    public static let name = "tokens"
    /// The first was made the master.
    public let servers: [RedisNode]
    public let sentinels: [RedisNode]
    private let options: Options

    /// Starts all of them and waits until the replicas have what the master has, and the sentinels know it.
    public init(_ options: Options = Options()) async throws {
        self.options = options
        servers = try Self.startServers(options)
        sentinels = try Self.startSentinels(of: servers, options)
        for sentinel in sentinels {
            // Else they look once a second, and a look that comes a little late is a failover.
            try await sentinel.perform("SENTINEL", "DEBUG", "PING-PERIOD", "100")
        }
        guard try await waitUntil({ try await isWhole() }) else {
            throw RedisServer.Failure(description: "the sentinels do not come about")
        }
    }

    /// Where a client may begin.
    public var url: RedisURL {
        let places = sentinels.map(\.server.url.endpoint)
        return RedisURL(
            .sentinel(master: Self.name),
            places,
            isEncrypted: options.isEncrypted,
            password: options.password,
            sentinelPassword: options.sentinelPassword
        )
    }

    /// Who is the master, as a sentinel says.
    public func master() async throws -> RedisNode {
        try await master(by: sentinels.first { $0.server.isRunning }.orThrow("no sentinel runs"))
    }

    /// Waits until one of the sentinels says that somebody else than `old` is the master; answers who, and when that was
    /// seen first.
    public func successor(of old: RedisNode) async throws -> (node: RedisNode, seen: Instant) {
        var found: (RedisNode, Instant)?
        // A sentinel that was kept from the processor for two seconds does nothing for 30 (TILT), and that may come again.
        let isFound = try await waitUntil(within: .seconds(240)) {
            for sentinel in sentinels where sentinel.server.isRunning {
                let node = try await master(by: sentinel)
                guard node !== old else { continue }
                found = (node, .now)
                return true
            }
            return false
        }
        guard isFound, let found else { throw RedisServer.Failure(description: "no failover") }
        return found
    }

    /// Has a replica made the master though the master is well; it is done when ``successor(of:)`` tells of another.
    ///
    /// The sentinel that is told is the first to know, the others learn it from each other within two seconds.
    public func failOver(by index: Int = 0) async throws {
        try await sentinels[index].perform("SENTINEL", "FAILOVER", Self.name)
    }

    /// Whether the replicas that run have what the master has, and the sentinels that run agree on it.
    public func isWhole() async throws -> Bool {
        let master = try await master()
        for sentinel in sentinels where sentinel.server.isRunning {
            guard try await self.master(by: sentinel) === master else { return false }
            let known = try await sentinel.perform("INFO", "sentinel").value(of: "master0")
            guard known.contains("status=ok"), known.hasSuffix("sentinels=\(sentinels.count)") else { return false }
        }
        let replicas = servers.filter { $0.server.isRunning && $0 !== master }
        for server in replicas {
            let replication = try await server.perform("INFO", "replication")
            guard replication.value(of: "master_link_status") == "up",
                replication.value(of: "master_port") == "\(master.port)"
            else { return false }
        }
        // A link may be up a second before anything comes by it. What is published goes to replicas, and leaves nothing.
        try await master.perform("PUBLISH", "whole", "")
        return try await master.perform("WAIT", "\(replicas.count)", "1000") == .integer(replicas.count)
    }

    private func master(by sentinel: RedisNode) async throws -> RedisNode {
        let place = try await sentinel.perform("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.name).elements
        let port = place.last?.text
        return try servers.first { "\($0.port)" == port }.orThrow("the master is \(place)")
    }

    private static func startServers(_ options: Options) throws -> [RedisNode] {
        var servers: [RedisNode] = []
        for _ in 0..<3 {
            let password = options.password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
            let following = servers.first.map { ["--replicaof", $0.host, "\($0.port)"] } ?? []
            let tls = options.isEncrypted ? ["--tls-replication", "yes"] : []
            let arguments = ["--repl-diskless-sync", "no"] + tls + password + following + options.arguments
            let server = try RedisServer(options.isEncrypted ? .tls() : .tcp, arguments: arguments)
            servers.append(try RedisNode(server, password: options.password))
        }
        return servers
    }

    private static func startSentinels(of servers: [RedisNode], _ options: Options) throws -> [RedisNode] {
        var attempts = 0
        while true {
            attempts += 1
            do {
                let plans = try (0..<3).map { _ in try SentinelPlan() }
                return try plans.map { try $0.start(among: plans, servers, options) }
            } catch  where attempts < 5 {
                // Somebody took one of the ports in between.
                continue
            }
        }
    }
}

/// What a sentinel is to be, and how that stands in the files that sentinels keep.
private struct SentinelPlan {
    let id: String
    let port: UInt16

    init() throws {
        id = RedisNode.newID()
        port = try FreePort.find()
    }

    func start(
        among plans: [SentinelPlan],
        _ servers: [RedisNode],
        _ options: SentinelServers.Options
    ) throws -> RedisNode {
        let name = SentinelServers.name
        var lines = [
            "sentinel myid \(id)",
            "sentinel monitor \(name) \(servers[0].host) \(servers[0].port) 2",
            "sentinel down-after-milliseconds \(name) \(options.patience)",
            // An election that nobody wins is held again after twice this.
            "sentinel failover-timeout \(name) \(5 * options.patience)",
        ]
        if let password = options.password { lines.append("sentinel auth-pass \(name) \"\(password)\"") }
        lines += servers.dropFirst().map { "sentinel known-replica \(name) \($0.host) \($0.port)" }
        lines += plans.filter { $0.id != id }.map { "sentinel known-sentinel \(name) 127.0.0.1 \($0.port) \($0.id)" }
        if let password = options.sentinelPassword {
            lines += ["requirepass \"\(password)\"", "sentinel sentinel-pass \"\(password)\""]
        }
        let endpoint = RedisURL.Endpoint.tcp(host: "127.0.0.1", port: port)
        let url = RedisURL(endpoint, isEncrypted: options.isEncrypted, password: options.sentinelPassword)
        let text = lines.joined(separator: "\n") + "\n"
        let tls = ["--tls-replication", "yes", "--tls-port", "\(port)"]
        let listening =
            options.isEncrypted ? try Certificates.shared.serverArguments("server") + tls : ["--port", "\(port)"]
        let server = try RedisServer(url, files: ["sentinel.conf": text]) { folder in
            ["\(folder)/sentinel.conf", "--sentinel", "--dir", folder, "--bind", "127.0.0.1"] + listening
        }
        return try RedisNode(server)
    }
}

extension Optional {
    fileprivate func orThrow(_ problem: String) throws -> Wrapped {
        guard let self else { throw RedisServer.Failure(description: problem) }
        return self
    }
}
