import FunctionEventLoop

/// The servers of a cluster, each over one connection that all callers on a loop share.
///
/// It learns from any of them who has which slots: at the start, when a server redirects or cannot be reached, and again
/// until all that have slots can be. ``ClusterOperation`` decides what becomes of a command that was not answered.
actor RedisCluster {
    let loop: EventLoop
    let url: RedisURL
    let settings: ClientSettings

    var slots = ClusterSlots()
    var connections: [ConnectionKey: RedisConnection] = [:]
    /// Whether somebody wants to know who has which slots.
    var isLookWanted = false
    var isLooking = false
    /// Why nobody told the last time who has which slots.
    var lastReportedError: RedisError.Reason?
    /// Whether the operator was told of that, and not yet that one tells again.
    var isToldAway = false
    /// How often in a row servers were asked, and when the last time was.
    var looks = 0
    var lastLook = Instant(nanoseconds: 0)
    private(set) var isClosed = false

    struct ConnectionKey: Hashable {
        let server: RedisURL.Endpoint
        /// WAIT holds up what stands behind it, so what waits for replicas has a connection of its own.
        var isDurable = false
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ url: RedisURL, on loop: EventLoop, _ settings: ClientSettings) {
        self.loop = loop
        self.url = url
        self.settings = settings
    }

    /// Has `command` executed by the server that has its slot; durably if it is to outlast that server. It may be
    /// executed twice: it must be one that then gives the same answer and changes nothing further.
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
                // Replicas take their time, also after what came before.
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

    /// Closes all connections for good; whoever waits is told.
    func close() async {
        isClosed = true
        for connection in connections.values { await connection.close() }
        connections = [:]
    }

    /// The connection to a server, made at the first use.
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

    /// Who has the slot, as far as is known; of commands without one, who can be reached.
    private func owner(of slot: HashSlot?) -> RedisURL.Endpoint? {
        if let slot { return slots[slot] }
        let masters = slots.masters
        return masters.first(where: isReady) ?? masters.first
    }

    /// Waits until somebody has the slot; nil if nobody has before `deadline`, or cannot have.
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
    /// Why there is nobody to ask.
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
