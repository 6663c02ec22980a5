public import FunctionEventLoop
public import FunctionTLS

/// Executes commands on Redis, over one connection to each server that all callers on a loop share.
///
/// Connections are made at once, kept, and made anew when they are lost. Cancelling the caller's task has no effect: a
/// command in flight cannot be called back.
public struct RedisClient: Sendable {
    private let servers: Servers
    private let timeout: Interval
    private let statistics: RedisStatistics?

    private enum Servers: Sendable {
        case one(PrimaryClient)
        case cluster(RedisCluster)
    }

    /// Connects to one cluster node, whatever slots it has, to administer the node rather than its keys.
    package init(node url: RedisURL, on loop: EventLoop, timeout: Interval, tls: TLSContext) {
        let settings = ClientSettings(
            timeout: timeout,
            replicas: 0,
            looksAtSettings: false,
            isOfCluster: true,
            tls: tls,
            statistics: nil,
            log: OperatorLog { _ in }
        )
        self.timeout = timeout
        statistics = nil
        servers = .one(PrimaryClient(url, on: loop, settings))
    }

    /// Connects to the servers at `url`.
    ///
    /// `timeout` bounds every operation, its repetition included. `replicas` is how many replicas must have a durable
    /// write. `looksAtSettings` logs, once, server settings that may lose data; let only one of several clients of the
    /// same servers do so. `tls` is used if the URL asks for TLS. `statistics` counts operations. `log` receives a line
    /// when a connection is lost and found again or a primary moves; the same one at most once a minute, then with a
    /// count.
    public init(
        _ url: RedisURL,
        on loop: EventLoop,
        timeout: Interval = .seconds(1),
        replicas: Int = 0,
        looksAtSettings: Bool = true,
        tls: TLSContext = .system,
        statistics: RedisStatistics? = nil,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.timeout = timeout
        self.statistics = statistics
        var settings = ClientSettings(
            timeout: timeout,
            replicas: replicas,
            looksAtSettings: looksAtSettings,
            tls: tls,
            statistics: statistics,
            log: OperatorLog(log)
        )
        switch url.topology {
        case .server, .sentinel: servers = .one(PrimaryClient(url, on: loop, settings))
        case .cluster:
            settings.isOfCluster = true
            let cluster = RedisCluster(url, on: loop, settings)
            servers = .cluster(cluster)
            loop.start { await cluster.refreshTopology() }
        }
    }

    /// Executes `command` and returns its reply, which is never an error. If `isDurable`, it returns only when as many
    /// replicas as configured have the write, so that it outlasts a failover; it throws
    /// ``RedisError/Reason/notReplicated(_:of:)`` if they do not within about a third of the timeout.
    ///
    /// The command is repeated once, within the timeout, if the connection is lost or no reply has come after half the
    /// timeout. So it may be executed twice: a second execution must return the same reply and change nothing further.
    public func perform(_ command: RedisCommand, isDurable: Bool = false) async throws(RedisError) -> RedisReply {
        let start = statistics?.began()
        do throws(RedisError) {
            let reply: RedisReply
            switch servers {
            case .one(let primary): reply = try await primary.perform(command, isDurable: isDurable)
            case .cluster(let cluster):
                reply = try await cluster.perform(command, by: .now + timeout, isDurable: isDurable)
            }
            if let start { statistics?.ended(since: start) }
            return reply
        } catch {
            if let start { statistics?.ended(since: start, error) }
            throw error
        }
    }

    /// Executes one of the commands; in a cluster, one whose server is connected, if any is. The commands differ only
    /// in their keys, so this shows whether Redis works anywhere.
    public func perform(oneOf commands: [RedisCommand]) async throws(RedisError) -> RedisReply {
        var chosen = commands[0]
        if case .cluster(let cluster) = servers {
            for command in commands where await cluster.canReach(command) {
                chosen = command
                break
            }
        }
        return try await perform(chosen)
    }

    /// The indices of commands that go to different servers: one for each server that has slots, as far as that server
    /// is known and one of the commands goes there.
    public func representatives(of commands: [RedisCommand]) async -> [Int] {
        switch servers {
        case .one: Array(commands.indices.prefix(1))
        case .cluster(let cluster): await cluster.representatives(of: commands)
        }
    }

    /// Closes the connections. Waiting commands fail, and so do later ones.
    public func close() async {
        switch servers {
        case .one(let primary): await primary.close()
        case .cluster(let cluster): await cluster.close()
        }
    }
}

/// How a client works, independent of the topology.
struct ClientSettings: Sendable {
    /// How long an operation may take; likewise connecting, and the login after it.
    var timeout: Interval
    /// How many replicas must have a write before its reply is returned.
    var replicas: Int
    /// Whether to log server settings that may lose data.
    var looksAtSettings: Bool
    /// Whether servers are cluster nodes, which may lack slots or redirect.
    var isOfCluster = false
    /// For a URL that asks for TLS.
    let tls: TLSContext
    let statistics: RedisStatistics?
    let log: OperatorLog

    /// For a connection that does not wait for replicas.
    var plain: ClientSettings {
        var settings = self
        settings.replicas = 0
        return settings
    }

    /// For a connection that waits for replicas, beside a plain one, which already looks at the settings.
    var durable: ClientSettings {
        var settings = self
        settings.looksAtSettings = false
        return settings
    }
}
