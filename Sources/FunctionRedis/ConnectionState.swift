import FunctionEventLoop

/// What a connection to Redis is doing, as a value: it does no I/O and asks no clock. ``RedisConnection`` carries out what
/// its events answer.
///
///     connecting ──connected──▶ probing ──PONG──▶ ready ──30 s idle──▶ probing …
///         ▲                        │                │
///         └─────── (delay) ────────┴──disconnected──┘            any of them ──close──▶ closed
///
/// Handshake and probe are commands like others, first in the queue of what is in flight; until the probe is answered, what
/// is submitted waits. Behind sentinels the server may move, and has to say as well that it is the master. `Waiter` stands
/// for whoever waits for an answer.
struct ConnectionState<Waiter> {
    enum Phase: Equatable {
        /// There is no connection: one is being made, or waited for.
        case connecting
        /// A PING is on its way, behind the login on a new connection; `isNew` until the first has been answered.
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

        /// A script's text goes along though its digest is known.
        static var whole: SendOptions { SendOptions(rawValue: 1) }
        /// ASKING goes before it: its slot is on its way to this server.
        static var asking: SendOptions { SendOptions(rawValue: 2) }
    }

    /// A command whose reply is the next but those before it.
    struct InFlight {
        let purpose: Purpose
        let deadline: Instant
        /// Where in all that was appended to the output the command ends.
        let end: Int
    }

    enum Purpose {
        case command(Waiter)
        /// AUTH. A server may repeat the password in its error, so that text goes nowhere.
        case authentication
        /// SELECT: nothing may go on without.
        case login
        /// CLIENT SETNAME, a courtesy.
        case name
        /// INFO, for the version: one that is too old is of no use. It also says whether the server is of a cluster.
        case version
        /// CLUSTER SLOTS, of a server that was taken for a single one: it is of use if it has all slots.
        case slots
        /// ASKING, for the command behind it.
        case asking
        /// ROLE, before the probe: anything but a master is of no use.
        case role
        /// PING: answered, the connection is ready.
        case probe
        /// SCRIPT LOAD, for the digest.
        case load(RedisScript)
        /// WAIT, for all commands since the last.
        case replication
    }

    /// Where the server is; that of the sentinels while they have not told.
    private(set) var url: RedisURL
    /// Whether the server has to be a master, which sentinels may be late to know.
    let needsMaster: Bool
    /// Whether what waits for a connection outlasts a failed try to make one.
    let queuesWhileDisconnected: Bool
    /// Whether the server is a node of a cluster, whose changes ``ClusterOperation`` follows.
    let isOfCluster: Bool
    /// What holds answers back until replicas have what they tell of; nil if nothing does.
    var durability: Durability?
    private(set) var phase = Phase.connecting
    var waiting = FIFO<Waiting>()
    var waitingBytes = 0
    var inFlight = FIFO<InFlight>()
    var output = OutputBuffer()
    var digests = ScriptDigests()
    /// When the server was last heard of, on the clock that goes on through a freeze.
    var lastHeard = Instant(nanoseconds: 0)
    /// Tries that failed since the last connection that worked, and connections that ended before they did.
    private var failures = 0
    /// When the connection became ready, on the clock of `lastHeard`; nil while it is not.
    private var readySince: Instant?
    /// Whether the connection has executed a command.
    var hasServed = false
    /// Whether this server has said that it is no master, or cannot serve.
    var isDemoted = false
    /// Whether the last server that said so may still be the one that the name leads to: it is asked for its role.
    var isSuspect = false
    /// Whether the server has yet to say that it has all slots of its cluster.
    var awaitsSlots = false
    /// How many replies the server has sent.
    var replies = 0
    /// An error that was the server's first and only reply.
    var firstWords: RedisServerError?
    /// Why there is no connection, if that is known.
    var lastFailure: RedisError.Reason?
    /// No deadline comes before this one; nil while there is none. Kept, as to look for it takes a walk over all.
    var nextDeadline: Instant?
    /// Whether the last deadline came up late and was let pass.
    var isInGrace = false

    init(
        _ url: RedisURL,
        queuesWhileDisconnected: Bool = true,
        isOfCluster: Bool = false,
        durability: Durability? = nil
    ) {
        self.url = url
        self.queuesWhileDisconnected = queuesWhileDisconnected
        self.isOfCluster = isOfCluster
        self.durability = durability
        needsMaster = if case .sentinel = url.topology { true } else { false }
    }

    /// How much may wait to be sent.
    static var maximumBacklog: Int { 8 << 20 }
    /// A connection that was silent for longer is probed before it is used: a freeze may have killed it.
    static var maxSilence: Interval { .seconds(30) }
    /// How long the probe of a silent connection may take.
    static var probeTime: Interval { .milliseconds(100) }
    /// A connection that was ready for as long has worked, though nobody asked it for anything.
    static var settlingTime: Interval { .seconds(1) }

    /// The socket is connected: handshake and probe are to be sent.
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

    /// Why the connection was lost: what the server said before it hung up, if it said one thing and no more.
    func cause(of reason: RedisError.Reason) -> RedisError.Reason {
        guard case .connectionLost = reason, let firstWords else { return reason }
        return .unavailable(firstWords.description)
    }

    /// There is no connection any more, or the try to make one failed. Returns who is to be told what, and after how long
    /// to try again. `random` spreads the tries of many clients; `sinceBoot` is now.
    mutating func disconnected(
        _ reason: RedisError.Reason,
        random: UInt64,
        sinceBoot: Instant
    ) -> (failed: [(Waiter, RedisError)], delay: Interval) {
        guard phase != .closed else { return ([], .seconds(0)) }
        // A server that logs clients in and drops them, or that lets nobody write, is no better for having been ready.
        failures = hasWorked(sinceBoot: sinceBoot) && !isDemoted ? 0 : failures + 1
        isDemoted = false
        readySince = nil
        lastFailure = reason
        phase = .connecting
        let failed = failInFlight(reason) + failWaiting(ifRefused: reason)
        return (failed, Backoff.delay(failures: failures, random: random))
    }

    /// The server is another now. What waits for a connection waits for the one to that server.
    mutating func move(to endpoint: RedisURL.Endpoint) -> [(Waiter, RedisError)] {
        guard phase != .closed else { return [] }
        url = url.node(endpoint)
        phase = .connecting
        failures = 0
        isSuspect = false
        readySince = nil
        digests = ScriptDigests()
        return failInFlight(.connectionLost("the master is now \(endpoint)"))
    }

    mutating func close() -> [(Waiter, RedisError)] {
        phase = .closed
        return failInFlight(.closed) + failWaiting(.closed)
    }

    /// The probe was answered: everything that waits is sent.
    mutating func becomeReady() {
        phase = .ready
        lastFailure = nil
        if readySince == nil { readySince = lastHeard }
        sendWaiting()
    }

    mutating func sendWaiting() {
        waitingBytes = 0
        for next in waiting.drain() { send(next.command, for: next.waiter, next.options, next.deadline) }
    }

    mutating func probe(isNew: Bool, _ deadline: Instant) {
        phase = .probing(isNew: isNew)
        if needsMaster || isSuspect { send(RedisCommand("ROLE"), .role, deadline) }
        send(RedisCommand("PING"), .probe, deadline)
    }

    /// Whether there is a connection that was probed, or had been until it fell silent.
    var isConnected: Bool {
        phase == .ready || phase == .probing(isNew: false)
    }

    /// Whether the connection is, or was, of use: it executed a command, or was ready for a second.
    func hasWorked(sinceBoot: Instant) -> Bool {
        guard let readySince else { return false }
        return hasServed || sinceBoot - readySince >= Self.settlingTime
    }

    private mutating func failInFlight(_ reason: RedisError.Reason) -> [(Waiter, RedisError)] {
        digests.forgetUnfinished()
        let written = output.writtenTotal
        output = OutputBuffer()
        let unanswered = inFlight.drain().compactMap { entry -> (Waiter, RedisError)? in
            guard case .command(let waiter) = entry.purpose else { return nil }
            // Redis executes nothing before it has read the last byte.
            return (waiter, RedisError(reason, mayHaveBeenExecuted: entry.end <= written))
        }
        return unanswered + failWithheld(reason)
    }

    /// A login that is refused is told at once to all who wait for it; with a lost connection the patient wait for the
    /// next.
    private mutating func failWaiting(ifRefused reason: RedisError.Reason) -> [(Waiter, RedisError)] {
        if case .refused = reason { failWaiting(reason) } else { queuesWhileDisconnected ? [] : failWaiting(reason) }
    }

    private mutating func failWaiting(_ reason: RedisError.Reason) -> [(Waiter, RedisError)] {
        waitingBytes = 0
        return waiting.drain().map { ($0.waiter, RedisError(reason, mayHaveBeenExecuted: false)) }
    }
}
