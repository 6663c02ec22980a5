import FunctionEventLoop

extension RedisCluster {
    /// How long one server may take to reply to CLUSTER SLOTS.
    private static let timeout = Interval.milliseconds(250)

    /// Refreshes the slot table soon, once for all who ask, and repeats that until every server with slots can be
    /// reached.
    func refreshTopology() {
        isLookWanted = true
        guard !isLooking, !isClosed else { return }
        isLooking = true
        loop.start { await self.look() }
    }

    private func look() async {
        // Only after a quiet second: servers that contradict each other must not cause refreshes without a pause.
        if Instant.now - lastLook > .seconds(1) { looks = 0 }
        while isLookWanted || isAnybodyLost, !isClosed {
            // From 5 ms to 500 ms: not all clients should ask a changing cluster all the time.
            let pause = Backoff.delay(failures: looks, random: .random(in: 0...UInt64.max))
            if pause > .seconds(0) { await loop.sleep(until: .now + pause) }
            isLookWanted = false
            await learn()
            prune()
            looks += 1
            lastLook = .now
        }
        isLooking = false
    }

    /// Whether a server with slots cannot be reached: the cluster will replace it, or it will come back.
    private var isAnybodyLost: Bool {
        let masters = slots.masters
        return connections.contains { key, connection in
            masters.contains(key.server) && connection.assumeIsolated { !$0.isReady && $0.isLost }
        }
    }

    /// Asks one server after the other until one returns the slot table.
    private func learn() async {
        var reason = RedisError.Reason.unavailable("no server reports which server has which slots")
        for server in seedNodes {
            do throws(RedisError) {
                guard !isClosed else { return }
                slots = try await slots(from: server)
                lastReportedError = nil
                if isToldAway { settings.log.tell("\(url): found again") }
                isToldAway = false
                return
            } catch {
                reason = error.reason
                // The other servers would refuse for the same reason, such as a wrong password.
                if case .refused = reason { break }
            }
        }
        guard lastReportedError != reason, !isClosed else { return }
        lastReportedError = reason
        if settings.log.report("\(url): \(reason)") { isToldAway = true }
    }

    /// The servers to ask: first those that are connected.
    private var seedNodes: [RedisURL.Endpoint] {
        let known = slots.nodes.shuffled() + url.endpoints
        let ready = known.filter(isReady)
        var told: Set<RedisURL.Endpoint> = []
        return (ready + known).filter { told.insert($0).inserted }
    }

    private func slots(from server: RedisURL.Endpoint) async throws(RedisError) -> ClusterSlots {
        let command = RedisCommand("CLUSTER", "SLOTS")
        let limit = Instant.now + min(Self.timeout, settings.timeout)
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await connection(ConnectionKey(server: server)).perform(command, by: limit)
        } catch {
            guard error.isNoCluster else { throw error }
            throw RedisError(
                .unavailable("\(server) does not belong to a cluster; write redis:// instead of redis+cluster://"),
                mayHaveBeenExecuted: false
            )
        }
        guard let slots = ClusterSlots(reply, from: server) else {
            throw RedisError(.unavailable("\(server) reports no slots"), mayHaveBeenExecuted: false)
        }
        return slots
    }

    /// Closes connections to servers without slots, unless somebody waits on them and they can be reached.
    private func prune() {
        let masters = slots.masters
        for (key, connection) in connections where !masters.contains(key.server) {
            let isNeeded = connection.assumeIsolated { !$0.isIdle && !$0.isLost }
            guard !isNeeded else { continue }
            connections[key] = nil
            connection.assumeIsolated { $0.close() }
        }
    }
}

extension RedisError {
    /// `ERR This instance has cluster support disabled`
    fileprivate var isNoCluster: Bool {
        if case .refused(let error) = reason { error.description.contains("cluster support disabled") } else { false }
    }
}
