import FunctionEventLoop

/// A client of a cluster, with one connection to each server that all callers on a loop share.
///
/// It learns the slot table from any server: at the start, when a server redirects or cannot be reached, and then again
/// until every server with slots can be reached. ``ClusterOperation`` decides what to do when a command fails.
actor RedisCluster {
    let loop: EventLoop
    let url: RedisURL
    let settings: ClientSettings

    var slots = ClusterSlots()
    var connections: [ConnectionKey: RedisConnection] = [:]
    /// Whether somebody wants the slot table refreshed.
    var isLookWanted = false
    var isLooking = false
    /// Why the last refresh of the slot table failed; nil if it succeeded.
    var lastReportedError: RedisError.Reason?
    /// Whether that failure was logged, and the recovery not yet.
    var isToldAway = false
    /// How many refreshes came in a row, and when the last one was.
    var looks = 0
    var lastLook = Instant(nanoseconds: 0)
    private(set) var isClosed = false

    struct ConnectionKey: Hashable {
        let server: RedisURL.Endpoint
        /// WAIT blocks everything behind it, so commands that wait for replicas have a connection of their own.
        var isDurable = false
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ url: RedisURL, on loop: EventLoop, _ settings: ClientSettings) {
        self.loop = loop
        self.url = url
        self.settings = settings
    }

    /// Executes `command` on the server that has its slot; if `isDurable`, so that it outlasts that server. It may be
    /// executed twice: a second execution must return the same reply and change nothing further.
    func perform(
        _ command: RedisCommand,
        by deadline: Instant,
        isDurable: Bool = false
    ) async throws(RedisError) -> RedisReply {
        let isDurable = isDurable && settings.replicas > 0
        let slot = command.slot
        var operation = ClusterOperation(until: deadline)
        var asked: RedisURL.Endpoint?
        while true {
            var place = asked ?? owner(of: slot)
            if place == nil { place = await findOwner(of: slot, until: deadline) }
            guard let place else { throw operation.absence(lastReportedError, of: slot, isClosed) }
            let step: ClusterOperation.Step
            do throws(RedisError) {
                // WAIT takes time, also for the commands before this one.
                let limit = isDurable ? deadline : operation.limit(now: .now)
                let connection = connection(ConnectionKey(server: place, isDurable: isDurable))
                return try await connection.perform(command, by: limit, isAsking: asked != nil)
            } catch {
                step = operation.step(after: error, from: place, now: .now)
            }
            asked = nil
            switch step {
            case .again(let pause):
                refreshTopology()
                await wait(pause)
            case .ask(let endpoint, let pause):
                await wait(pause)
                asked = endpoint
            case .moved(let slot, let endpoint, let pause):
                slots.assign(slot, to: endpoint)
                refreshTopology()
                await wait(pause)
            case .fail(let error): throw error
            }
        }
    }

    /// Closes all connections for good; waiting commands fail.
    func close() async {
        isClosed = true
        for connection in connections.values { await connection.close() }
        connections = [:]
    }

    /// The connection to a server, made at its first use.
    func connection(_ key: ConnectionKey) -> RedisConnection {
        if let connection = connections[key] { return connection }
        let connection = RedisConnection(
            url.node(key.server),
            on: loop,
            key.isDurable ? settings.durable : settings.plain,
            whenLost: { [weak self] in self?.assumeIsolated { $0.refreshTopology() } }
        )
        connections[key] = connection
        connection.assumeIsolated { $0.begin() }
        return connection
    }

    func isReady(_ server: RedisURL.Endpoint) -> Bool {
        connections[ConnectionKey(server: server)]?.assumeIsolated { $0.isReady } ?? false
    }

    /// Whether the server of the command's slot is known and connected.
    func canReach(_ command: RedisCommand) -> Bool {
        owner(of: command.slot).map(isReady) ?? false
    }

    func representatives(of commands: [RedisCommand]) -> [Int] {
        var servers: Set<RedisURL.Endpoint> = []
        return commands.indices.filter { owner(of: commands[$0].slot).map { servers.insert($0).inserted } ?? false }
    }

    /// The server that has the slot, as far as known; for a command without a slot, any server, preferably a connected
    /// one.
    private func owner(of slot: HashSlot?) -> RedisURL.Endpoint? {
        if let slot { return slots[slot] }
        let masters = slots.masters
        return masters.first(where: isReady) ?? masters.first
    }

    /// Waits until a server has the slot; nil if none has before `deadline`, or if the servers refuse to report it.
    private func findOwner(of slot: HashSlot?, until deadline: Instant) async -> RedisURL.Endpoint? {
        var pause = Interval.milliseconds(1)
        while !isClosed, Instant.now < deadline {
            if case .refused? = lastReportedError { return nil }
            if let owner = owner(of: slot) { return owner }
            refreshTopology()
            await loop.sleep(until: min(deadline, .now + pause))
            pause = min(2 * pause, .milliseconds(20))
        }
        return nil
    }

    private func wait(_ pause: Interval) async {
        if pause > .seconds(0) { await loop.sleep(until: .now + pause) }
    }
}

extension ClusterOperation {
    /// Why there is no server to ask.
    fileprivate func absence(_ reported: RedisError.Reason?, of slot: HashSlot?, _ isClosed: Bool) -> RedisError {
        switch reported {
        case _ where isClosed: RedisError(.closed, mayHaveBeenExecuted: false)
        case .unavailable(let cause)?: unavailable(cause)
        case .refused(let error)?: RedisError(.refused(error), mayHaveBeenExecuted: false)
        case let reason?: unavailable("\(reason)")
        case nil: unavailable(slot.map { "no server of the cluster has slot \($0.number)" } ?? "no server is known")
        }
    }
}
