import FunctionEventLoop

/// One connection to Redis, made anew whenever it is lost, and shared by everybody on its loop.
///
/// The shell around ``ConnectionState``: it owns socket, reader and timer, and carries out what the state decides.
/// Commands of one turn of the loop leave in one write.
actor RedisConnection {
    typealias Waiter = UnsafeContinuation<Result<RedisReply, RedisError>, Never>
    private typealias SendOptions = ConnectionState<Waiter>.SendOptions

    let loop: EventLoop
    let settings: ClientSettings
    /// Told each time that the connection is lost, or cannot be made.
    let whenLost: @Sendable () -> Void

    var state: ConnectionState<Waiter>
    var socket: Socket?
    /// What tries the addresses.
    var connecting: Connector?
    /// The socket that is connected, and not encrypted yet.
    var shakingHands: Socket?
    /// The address that worked last: it is tried first.
    var lastGood: SocketAddress?
    /// When the step of connecting began that is under way: lookup, addresses, TLS, login.
    var stepBegan = Instant.now
    var reader = ReplyReader()
    /// Why the socket was closed from this side.
    var closeReason: RedisError.Reason?
    var isFlushQueued = false
    /// The socket that takes no more output for now.
    var fullSocket: Socket?
    var timer: Timer?
    /// Whether the operator was told that the connection is away, and not yet that it is back.
    var isToldAway = false
    /// Whether the server's settings are still to be looked at.
    var looksAtSettings: Bool
    /// Whether it is to connect, once it is known where to.
    var hasBegun = false
    /// How often the server has moved: whoever was about to connect to an earlier place gives up.
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
            // What comes while replicas are waited for has to wait as well, and then has its own turn.
            durability: settings.replicas > 0
                ? .init(replicas: settings.replicas, time: settings.timeout / 3)
                : nil
        )
    }

    /// Where the server is; that of the sentinels while they have not told.
    var url: RedisURL { state.url }

    /// Has `command` executed once. A script that the server has lost is sent again, whole; what a former master refuses
    /// goes to the next, found by a new connection. A server of a cluster to which the command's slot is still on its
    /// way has to be asked so.
    func perform(
        _ command: RedisCommand,
        by deadline: Instant,
        isAsking: Bool = false
    ) async throws(RedisError) -> RedisReply {
        var options: SendOptions = isAsking ? .asking : []
        var result = await answer(to: command, options, deadline)
        while case .failure(let error) = result {
            if error.asksForWholeScript, command.script != nil, !options.contains(.whole) {
                options.insert(.whole)
            } else if !error.isDemotion || state.isOfCluster || .now >= deadline {
                throw error
            }
            result = await answer(to: command, options, deadline)
        }
        return try result.get()
    }

    /// Whether commands are sent at once.
    var isReady: Bool { state.phase == .ready }
    /// Whether the last connection was lost, or could not be made.
    var isLost: Bool { state.lastFailure != nil }
    /// Whether nobody waits for an answer.
    var isIdle: Bool { state.waiting.isEmpty && state.inFlight.isEmpty }

    private func answer(
        to command: RedisCommand,
        _ options: SendOptions,
        _ deadline: Instant
    ) async -> Result<RedisReply, RedisError> {
        // Resumed exactly once: the state holds a waiter in one queue, and whoever takes it out there resumes it. Its
        // deadline empties the queue at the latest.
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

    /// Closes the connection for good; whoever waits is told.
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
        // What the server answered in time counts, though this process looks at it late.
        if let socket, let reason = receive(from: socket) { abandon(reason) }
        let result = state.deadlinePassed(now: loop.now)
        fail(result.failed)
        if result.isOwed { abandon(.timedOut) }
        setTimer()
    }
}
