import FunctionEventLoop

/// The state of a connection to Redis, as a value: it does no I/O and reads no clock. ``RedisConnection`` carries out
/// what its methods return.
///
///     connecting ──connected──▶ probing ──PONG──▶ ready ──30 s idle──▶ probing …
///         ▲                        │                │
///         └─────── (delay) ────────┴──disconnected──┘            any of them ──close──▶ closed
///
/// Handshake and probe are ordinary commands, first in the in-flight queue; until the probe is answered, submitted
/// commands wait. Behind sentinels the server may move, and must confirm that it is the primary. `Waiter` identifies
/// the caller that waits for a reply.
struct ConnectionState<Waiter> {
    enum Phase: Equatable {
        /// There is no connection: connecting, or pausing before the next try.
        case connecting
        /// A PING is in flight, on a new connection behind the login. `isNew` until the connection's first PING is
        /// answered.
        case probing(isNew: Bool)
        case ready
        case closed
    }

    struct Waiting {
        let command: RedisCommand
        let waiter: Waiter
        let options: SendOptions
        let deadline: Instant
    }

    struct SendOptions: OptionSet {
        let rawValue: Int

        /// Sends a script's text even if its digest is known.
        static var whole: SendOptions { SendOptions(rawValue: 1) }
        /// Sends ASKING first, because the command's slot is migrating to this server.
        static var asking: SendOptions { SendOptions(rawValue: 2) }
    }

    /// A command that was sent and whose reply is outstanding; replies come in this order.
    struct InFlight {
        let purpose: Purpose
        let deadline: Instant
        /// Where the command ends, counted in all bytes ever appended to the output.
        let end: Int
    }

    enum Purpose {
        case command(Waiter)
        /// Several commands sent as one.
        case joined([Waiter])
        /// AUTH. A server may repeat the password in its error, so the error's text is never passed on.
        case authentication
        /// SELECT. If it fails, the connection is closed.
        case login
        /// CLIENT SETNAME. It may fail.
        case name
        /// INFO, for the version, because old servers are rejected, and for whether the server is a cluster node.
        case version
        /// CLUSTER SLOTS, sent to a cluster node that was taken for a single server: it is accepted if it has all
        /// slots.
        case slots
        /// ASKING, for the command behind it.
        case asking
        /// ROLE, before the probe: only a primary is accepted.
        case role
        /// PING. Its reply makes the connection ready.
        case probe
        /// SCRIPT LOAD, for the digest.
        case load(RedisScript)
        /// WAIT, for all commands since the last WAIT.
        case replication
    }

    /// The server's URL; that of the sentinels until they have named the server.
    private(set) var url: RedisURL
    /// Whether the server must confirm that it is a primary: sentinels may learn late of a failover.
    let needsMaster: Bool
    /// Whether commands that wait for a connection outlast a failed try to make one.
    let queuesWhileDisconnected: Bool
    /// Whether the server is a cluster node, so that ``ClusterOperation`` handles its redirections.
    let isOfCluster: Bool
    /// Replies that wait for replicas; nil if no replicas are required.
    var durability: Durability?
    /// Counts how many commands are joined.
    let statistics: RedisStatistics?
    private(set) var phase = Phase.connecting
    var waiting = FIFO<Waiting>()
    var waitingBytes = 0
    var inFlight = FIFO<InFlight>()
    var output = OutputBuffer()
    var digests = ScriptDigests()
    /// When the server last sent something, on the clock that keeps running through a freeze.
    var lastHeard = Instant(nanoseconds: 0)
    /// Failed tries and connections that ended before they worked, since the last one that worked.
    private var failures = 0
    /// When the connection became ready, on the clock of `lastHeard`; nil while it is not.
    private var readySince: Instant?
    /// Whether the connection has executed a command.
    var hasServed = false
    /// Whether this server has said that it is not a primary or cannot serve.
    var isDemoted = false
    /// Whether the URL may still lead to the server that said so. The next connection then asks for the role.
    var isSuspect = false
    /// Whether the server still has to confirm that it has all slots of its cluster.
    var awaitsSlots = false
    /// How many replies the server has sent.
    var replies = 0
    /// The server's first and only reply so far, if it is an error.
    var firstWords: RedisServerError?
    /// Why there is no connection, if known.
    var lastFailure: RedisError.Reason?
    /// No deadline is earlier than this one; nil if there is none. Cached, because finding the earliest takes a walk
    /// over all queues.
    var nextDeadline: Instant?
    /// Whether the last deadline came up late and was postponed.
    var isInGrace = false

    init(
        _ url: RedisURL,
        queuesWhileDisconnected: Bool = true,
        isOfCluster: Bool = false,
        durability: Durability? = nil,
        statistics: RedisStatistics? = nil
    ) {
        self.url = url
        self.queuesWhileDisconnected = queuesWhileDisconnected
        self.isOfCluster = isOfCluster
        self.durability = durability
        self.statistics = statistics
        needsMaster = if case .sentinel = url.topology { true } else { false }
    }

    /// How many bytes may wait to be sent.
    static var maximumBacklog: Int { 8 << 20 }
    /// A connection that was silent for longer is probed before use: a freeze may have killed it.
    static var maxSilence: Interval { .seconds(30) }
    /// How long the probe of a silent connection may take.
    static var probeTime: Interval { .milliseconds(100) }
    /// A connection that was ready for this long has worked, even if nobody used it.
    static var settlingTime: Interval { .seconds(1) }

    /// The socket is connected: sends handshake and probe.
    mutating func connected(deadline: Instant, sinceBoot: Instant) {
        guard phase == .connecting else { return }
        output = OutputBuffer()
        lastHeard = sinceBoot
        replies = 0
        firstWords = nil
        hasServed = false
        awaitsSlots = false
        if let password = url.password {
            var command = RedisCommand("AUTH")
            if let user = url.user { command.append(user) }
            command.append(password)
            send(command, .authentication, deadline)
        }
        if url.database != 0 {
            var command = RedisCommand("SELECT")
            command.append(url.database)
            send(command, .login, deadline)
        }
        send(RedisCommand("CLIENT", "SETNAME", "stream-token"), .name, deadline)
        send(RedisCommand("INFO", "server"), .version, deadline)
        probe(isNew: true, deadline)
    }

    /// Why the connection was lost: the server's error, if that was all it sent before it hung up, otherwise `reason`.
    func cause(of reason: RedisError.Reason) -> RedisError.Reason {
        guard case .connectionLost = reason, let firstWords else { return reason }
        return .unavailable(firstWords.description)
    }

    /// The connection was lost, or a try to make one failed. Returns the waiters that fail, and how long to wait before
    /// the next try. `random` spreads the tries of many clients; `sinceBoot` is now.
    mutating func disconnected(
        _ reason: RedisError.Reason,
        random: UInt64,
        sinceBoot: Instant
    ) -> (failed: [(Waiter, RedisError)], delay: Interval) {
        guard phase != .closed else { return ([], .seconds(0)) }
        // Having been ready does not count for a server that drops clients after the login, or that rejects writes.
        failures = hasWorked(sinceBoot: sinceBoot) && !isDemoted ? 0 : failures + 1
        isDemoted = false
        readySince = nil
        lastFailure = reason
        phase = .connecting
        let failed = failInFlight(reason) + failWaiting(ifRefused: reason)
        return (failed, Backoff.delay(failures: failures, random: random))
    }

    /// The server has changed. Commands that wait for a connection now wait for one to the new server.
    mutating func move(to endpoint: RedisURL.Endpoint) -> [(Waiter, RedisError)] {
        guard phase != .closed else { return [] }
        url = url.node(endpoint)
        phase = .connecting
        failures = 0
        isSuspect = false
        readySince = nil
        digests = ScriptDigests()
        return failInFlight(.connectionLost("the primary is now \(endpoint)"))
    }

    mutating func close() -> [(Waiter, RedisError)] {
        phase = .closed
        return failInFlight(.closed) + failWaiting(.closed)
    }

    /// The probe was answered: sends everything that waits.
    mutating func becomeReady() {
        phase = .ready
        lastFailure = nil
        if readySince == nil { readySince = lastHeard }
        sendWaiting()
    }

    mutating func probe(isNew: Bool, _ deadline: Instant) {
        phase = .probing(isNew: isNew)
        if needsMaster || isSuspect { send(RedisCommand("ROLE"), .role, deadline) }
        send(RedisCommand("PING"), .probe, deadline)
    }

    /// Whether there is a connection that has passed a probe, even if it is probed again after a silence.
    var isConnected: Bool {
        phase == .ready || phase == .probing(isNew: false)
    }

    /// Whether the connection is or was useful: it executed a command, or was ready for a second.
    func hasWorked(sinceBoot: Instant) -> Bool {
        guard let readySince else { return false }
        return hasServed || sinceBoot - readySince >= Self.settlingTime
    }

    private mutating func failInFlight(_ reason: RedisError.Reason) -> [(Waiter, RedisError)] {
        digests.forgetUnfinished()
        let written = output.writtenTotal
        output = OutputBuffer()
        let outstanding = inFlight.drain().flatMap { entry -> [(Waiter, RedisError)] in
            // Redis executes a command only after it has read the last byte.
            let error = RedisError(reason, mayHaveBeenExecuted: entry.end <= written)
            return switch entry.purpose {
            case .command(let waiter): [(waiter, error)]
            case .joined(let waiters): waiters.map { ($0, error) }
            default: []
            }
        }
        return outstanding + failWithheld(reason)
    }

    /// A refused login fails all waiting commands at once. After a lost connection they go on waiting, if
    /// `queuesWhileDisconnected`.
    private mutating func failWaiting(ifRefused reason: RedisError.Reason) -> [(Waiter, RedisError)] {
        if case .refused = reason { failWaiting(reason) } else { queuesWhileDisconnected ? [] : failWaiting(reason) }
    }

    private mutating func failWaiting(_ reason: RedisError.Reason) -> [(Waiter, RedisError)] {
        waitingBytes = 0
        return waiting.drain().map { ($0.waiter, RedisError(reason, mayHaveBeenExecuted: false)) }
    }
}
