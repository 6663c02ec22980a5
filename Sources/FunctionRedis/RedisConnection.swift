import FunctionEventLoop

/// One connection to Redis, made anew whenever it is lost, and shared by all callers on its loop.
///
/// The I/O around ``ConnectionState``: it owns socket, reader and timer, and carries out what the state decides.
/// Commands of one turn of the loop are sent in one write.
actor RedisConnection {
    typealias Waiter = UnsafeContinuation<Result<RedisReply, RedisError>, Never>
    private typealias SendOptions = ConnectionState<Waiter>.SendOptions

    let loop: EventLoop
    let settings: ClientSettings
    /// Called each time the connection is lost or cannot be made.
    let whenLost: @Sendable () -> Void

    var state: ConnectionState<Waiter>
    var socket: Socket?
    /// The connector that is trying the addresses.
    var connecting: Connector?
    /// The socket whose TLS handshake is under way.
    var shakingHands: Socket?
    /// The address that worked last; it is tried first.
    var lastGood: SocketAddress?
    /// When the current step of connecting began: lookup, addresses, TLS or login.
    var stepBegan = Instant.now
    var reader = ReplyReader()
    /// Why this side closed the socket.
    var closeReason: RedisError.Reason?
    var isFlushQueued = false
    /// The socket whose kernel buffer is full.
    var fullSocket: Socket?
    var timer: Timer?
    /// Whether the loss was logged, and the return not yet.
    var isToldAway = false
    /// Whether the server's settings are still to be checked.
    var looksAtSettings: Bool
    /// Whether the connection is wanted; it is made once the server's address is known.
    var hasBegun = false
    /// How often the server has moved. A try to connect to an earlier address gives up.
    var moves = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        _ url: RedisURL,
        on loop: EventLoop,
        _ settings: ClientSettings,
        queuesWhileDisconnected: Bool = true,
        whenLost: @escaping @Sendable () -> Void = {}
    ) {
        self.loop = loop
        self.settings = settings
        looksAtSettings = settings.looksAtSettings
        self.whenLost = whenLost
        state = ConnectionState(
            url,
            queuesWhileDisconnected: queuesWhileDisconnected,
            isOfCluster: settings.isOfCluster,
            // A third of the timeout: a command that arrives during a WAIT queues behind it and then needs a WAIT of
            // its own.
            durability: settings.replicas > 0
                ? .init(replicas: settings.replicas, time: settings.timeout / 3)
                : nil,
            statistics: settings.statistics
        )
    }

    /// The server's URL; that of the sentinels until they have named the server.
    var url: RedisURL { state.url }

    /// Executes `command` once. A script that the server has lost is sent again as text; a command that a former
    /// primary rejects goes to the next one, over a new connection. `isAsking` is for a cluster node that the command's
    /// slot is still migrating to.
    func perform(
        _ command: RedisCommand,
        by deadline: Instant,
        isAsking: Bool = false
    ) async throws(RedisError) -> RedisReply {
        var options: SendOptions = isAsking ? .asking : []
        var result = await reply(to: command, options, deadline)
        while case .failure(let error) = result {
            if error.asksForWholeScript, command.script != nil, !options.contains(.whole) {
                options.insert(.whole)
            } else if !error.isDemotion || state.isOfCluster || .now >= deadline {
                throw error
            }
            result = await reply(to: command, options, deadline)
        }
        return try result.get()
    }

    /// Whether commands are sent at once.
    var isReady: Bool { state.phase == .ready }
    /// Whether the last connection was lost or could not be made.
    var isLost: Bool { state.lastFailure != nil }
    /// Whether nobody waits for a reply.
    var isIdle: Bool { state.waiting.isEmpty && state.inFlight.isEmpty }

    private func reply(
        to command: RedisCommand,
        _ options: SendOptions,
        _ deadline: Instant
    ) async -> Result<RedisReply, RedisError> {
        // Resumed exactly once: the state holds each waiter in one queue, and whoever takes it out resumes it. The
        // waiter's deadline empties the queue at the latest.
        await withUnsafeContinuation { waiter in
            let submission = state.submit(
                command,
                for: waiter,
                options,
                deadline: deadline,
                now: loop.now,
                sinceBoot: .sinceBoot
            )
            switch submission {
            case .sent:
                queueFlush()
                setTimer()
            case .waits: setTimer()
            case .refused(let error): waiter.resume(returning: .failure(error))
            }
        }
    }

    /// Closes the connection for good; waiting commands fail.
    func close() {
        fail(state.close())
        socket?.close()
        stopConnecting()
        timer?.cancel()
    }

    func fail(_ waiters: [(Waiter, RedisError)]) {
        for (waiter, error) in waiters { waiter.resume(returning: .failure(error)) }
    }

    func setTimer() {
        let timer = timer ?? Timer(on: loop) { [weak self] in self?.assumeIsolated { $0.deadlinePassed() } }
        self.timer = timer
        timer.deadline = state.nextDeadline
    }

    private func deadlinePassed() {
        // Replies that came in time count, even if this process reads them late.
        if let socket, let reason = receive(from: socket) { abandon(reason) }
        let result = state.deadlinePassed(now: loop.now)
        fail(result.failed)
        if result.isOwed { abandon(.timedOut) }
        setTimer()
    }
}
