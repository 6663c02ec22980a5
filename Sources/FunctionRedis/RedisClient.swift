public import FunctionEventLoop
public import FunctionTLS

/// Has commands executed by Redis, over one connection to each server that all callers on a loop share.
///
/// Connections are made at once, kept, and made anew when they are lost. Cancellation of the caller's task changes
/// nothing: a command that is on its way cannot be called back.
public struct RedisClient: Sendable {
    private let servers: Servers
    private let timeout: Interval
    private let statistics: RedisStatistics?

    private enum Servers: Sendable {
        case one(PrimaryClient)
        case cluster(RedisCluster)
    }

    /// Connects to one node of a cluster, whatever slots it has: for whoever administers nodes, not keys.
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

    /// Connects to the servers at `url`. `timeout` bounds every operation, repetition included. `replicas` is how many of
    /// them have to have what is performed durably. `log` is told when a connection is lost and found again, when a master
    /// moves (the same at most once a minute, then with a count), and once of settings of a server that may lose data;
    /// of several clients of the same servers, let one look at the settings. `tls` is used where the URL asks for TLS.
    /// `statistics` counts what is done.
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

    /// Has `command` executed and answers its reply, which is no error; durably if it has to outlast a failover: then
    /// when as many replicas have it as was asked for. If they do not in about a third of the time, it throws
    /// ``RedisError/Reason/notReplicated(_:of:)``.
    ///
    /// It is repeated once, within the timeout, when the connection is lost or the answer has not come after half the
    /// time. So it may be executed twice: it must be one that then gives the same answer and changes nothing further.
    public func perform(_ command: RedisCommand, isDurable: Bool = false) async throws(RedisError) -> RedisReply {
        let start = statistics?.began()
        do throws(RedisError) {
            let reply: RedisReply
            switch servers {
            case .one(let master): reply = try await master.perform(command, isDurable: isDurable)
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

    /// Has one of the commands executed, in a cluster one whose server is connected, if any is. They are equivalent but
    /// for their keys: this asks whether Redis does its work somewhere.
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

    /// The indices of commands of which each has another server to go to: one for each server that has slots, as far as
    /// they reach it and it is known.
    public func representatives(of commands: [RedisCommand]) async -> [Int] {
        switch servers {
        case .one: Array(commands.indices.prefix(1))
        case .cluster(let cluster): await cluster.representatives(of: commands)
        }
    }

    /// Closes the connections. Whoever waits for an answer is told, and so is whoever asks later.
    public func close() async {
        switch servers {
        case .one(let master): await master.close()
        case .cluster(let cluster): await cluster.close()
        }
    }
}

/// How a client works, whatever servers there are.
struct ClientSettings: Sendable {
    /// How long an operation may take, and connecting, and the login after it.
    var timeout: Interval
    /// How many replicas have to have what a connection executes before it is answered.
    var replicas: Int
    /// Whether the operator is told of settings of a server that may lose data.
    var looksAtSettings: Bool
    /// Whether servers are nodes of a cluster: one that has not all slots, or redirects, is no wrong one.
    var isOfCluster = false
    /// For a URL that asks for TLS.
    let tls: TLSContext
    let statistics: RedisStatistics?
    let log: OperatorLog

    /// For a connection whose answers wait for no replica.
    var plain: ClientSettings {
        var settings = self
        settings.replicas = 0
        return settings
    }

    /// For a connection beside a plain one, whose answers wait for replicas.
    var durable: ClientSettings {
        var settings = self
        settings.looksAtSettings = false
        return settings
    }
}
