public import FunctionEventLoop
public import FunctionRedis

/// A test's own primary with two replicas and three sentinels, which end with the test process at the latest.
///
/// The sentinels learn of each other and of the replicas from their files, because discovery would take seconds.
public final class SentinelServers: Sendable {
    public struct Options: Sendable {
        /// Whether clients, servers and sentinels use TLS only.
        public var isEncrypted = false
        /// The password that clients, replicas and sentinels use with a server.
        public var password: String?
        /// The password that clients and other sentinels use with a sentinel.
        public var sentinelPassword: String?
        /// Further arguments of each server.
        public var arguments: [String] = []
        /// The silence after which the primary is taken for dead, in milliseconds.
        public var timeout = 1000

        public init() {}
    }

    /// The primary's name.
    public static let name = "tokens"
    /// The first one starts as the primary.
    public let servers: [RedisNode]
    public let sentinels: [RedisNode]
    private let options: Options

    /// Starts all of them and waits until the replicas have the primary's data and the sentinels know that.
    public init(_ options: Options = Options()) async throws {
        self.options = options
        servers = try Self.startServers(options)
        sentinels = try Self.startSentinels(of: servers, options)
        for sentinel in sentinels {
            // By default, sentinels ping once a second; a ping that comes a little late would cause a failover.
            try await sentinel.perform("SENTINEL", "DEBUG", "PING-PERIOD", "100")
        }
        guard try await waitUntil({ try await isWhole() }) else {
            throw RedisServer.Failure(description: "the sentinels did not become ready")
        }
    }

    /// The URL for clients.
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

    /// The primary, as a running sentinel reports it.
    public func master() async throws -> RedisNode {
        try await master(by: sentinels.first { $0.server.isRunning }.orThrow("no sentinel runs"))
    }

    /// Waits until a running sentinel reports another primary than `old`. Returns that one, and when it was first
    /// reported.
    public func successor(of old: RedisNode) async throws -> (node: RedisNode, seen: Instant) {
        var found: (RedisNode, Instant)?
        // A sentinel that got no processor time for two seconds does nothing for 30 (TILT), and that may happen again.
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

    /// Starts a failover although the primary is well; it has ended when ``successor(of:)`` returns.
    ///
    /// The sentinel that gets the command is the first to know; the others learn of it within two seconds.
    public func failOver(by index: Int = 0) async throws {
        try await sentinels[index].perform("SENTINEL", "FAILOVER", Self.name)
    }

    /// Whether the running replicas have the primary's data, and the running sentinels agree on the primary.
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
        // A link may be up a second before data comes through it. A published message goes to replicas and leaves
        // nothing behind.
        try await master.perform("PUBLISH", "whole", "")
        return try await master.perform("WAIT", "\(replicas.count)", "1000") == .integer(replicas.count)
    }

    private func master(by sentinel: RedisNode) async throws -> RedisNode {
        let place = try await sentinel.perform("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.name).elements
        let port = place.last?.text
        return try servers.first { "\($0.port)" == port }.orThrow("the primary is \(place)")
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
                // Another process has taken one of the ports meanwhile.
                continue
            }
        }
    }
}

/// The configuration of a sentinel, in the form of the sentinels' files.
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
            "sentinel down-after-milliseconds \(name) \(options.timeout)",
            // An election without a winner is repeated after twice this time.
            "sentinel failover-timeout \(name) \(5 * options.timeout)",
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
