import FunctionEventLoop

extension RedisCluster {
    /// How long one server may take to tell who has which slots.
    private static let timeout = Interval.milliseconds(250)

    /// Learns soon who has which slots, however many ask for it, and goes on to until all who have can be reached.
    func refreshTopology() {
        isLookWanted = true
        guard !isLooking, !isClosed else { return }
        isLooking = true
        loop.start { await self.look() }
    }

    private func look() async {
        // Answers that contradict each other do not make it ask all the time.
        if Instant.now - lastLook > .seconds(1) { looks = 0 }
        while isLookWanted || isAnybodyLost, !isClosed {
            // From 5 ms to 500: a cluster that changes is not asked all the time by everybody.
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

    /// Whether a server that has slots cannot be reached: the cluster is going to replace it, or it comes back.
    private var isAnybodyLost: Bool {
        let masters = slots.masters
        return connections.contains { line, connection in
            masters.contains(line.server) && connection.assumeIsolated { !$0.isReady && $0.isLost }
        }
    }

    /// Asks one server after the other until one tells.
    private func learn() async {
        var reason = RedisError.Reason.unavailable("no server tells who has which slots")
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
                // What one server refuses, a password for one, all will.
                if case .refused = reason { break }
            }
        }
        guard lastReportedError != reason, !isClosed else { return }
        lastReportedError = reason
        if settings.log.complain("\(url): \(reason)") { isToldAway = true }
    }

    /// Whom to ask, those first who can be reached now.
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
                .unavailable("\(server) is of no cluster; write redis:// in place of redis+cluster://"),
                mayHaveBeenExecuted: false
            )
        }
        guard let slots = ClusterSlots(reply, from: server) else {
            throw RedisError(.unavailable("\(server) knows of no slots"), mayHaveBeenExecuted: false)
        }
        return slots
    }

    /// Closes connections to servers that have no slots and nobody waits for, or that cannot be reached.
    private func prune() {
        let masters = slots.masters
        for (line, connection) in connections where !masters.contains(line.server) {
            let isNeeded = connection.assumeIsolated { !$0.isIdle && !$0.isLost }
            guard !isNeeded else { continue }
            connections[line] = nil
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
