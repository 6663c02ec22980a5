import FunctionEventLoop

extension ConnectionState {
    enum Submission: Equatable {
        /// There is output to write.
        case sent
        /// The command waits until the connection is ready.
        case waits
        case refused(RedisError)
    }

    mutating func submit(
        _ command: RedisCommand,
        for waiter: Waiter,
        _ options: SendOptions = [],
        deadline: Instant,
        now: Instant,
        sinceBoot: @autoclosure () -> Instant
    ) -> Submission {
        guard phase != .closed else { return .refused(RedisError(.closed, mayHaveBeenExecuted: false)) }
        guard output.pendingCount + waitingBytes + command.maximumEncodedCount <= Self.maximumBacklog else {
            return .refused(RedisError(.overloaded, mayHaveBeenExecuted: false))
        }
        let entry = Waiting(command: command, waiter: waiter, options: options, deadline: deadline)
        if phase == .ready, durability?.isAsked != true {
            guard inFlight.isEmpty && waiting.isEmpty && sinceBoot() - lastHeard > Self.maxSilence else {
                if canJoin(command) { wait(entry) } else { send(entry) }
                return .sent
            }
            probe(isNew: false, now + Self.probeTime)
        }
        wait(entry)
        return output.pendingCount > 0 ? .sent : .waits
    }

    private mutating func wait(_ entry: Waiting) {
        waiting.append(entry)
        waitingBytes += entry.command.maximumEncodedCount
        expect(entry.deadline)
    }

    /// What the connection has to do after a reply.
    enum Outcome {
        case nothing
        case reply(Waiter, Result<RedisReply, RedisError>)
        /// Replies that were withheld, or those to joined commands; there may also be output to write.
        case release([(Waiter, Result<RedisReply, RedisError>)])
        /// The server is not the wanted one, or no longer: fail the waiters with this error and close the connection.
        case demoted([Waiter], RedisServerError)
        /// The connection is ready, and there may be output to write.
        case ready
        /// Close the connection.
        case close(RedisError.Reason)
    }

    mutating func received(_ reply: RedisReply) -> Outcome {
        guard let entry = inFlight.popFirst() else { return .close(.malformedReply(.unsolicited)) }
        note(reply)
        switch (entry.purpose, reply) {
        case (.joined(let waiters), _): return received(reply, for: waiters)
        case (.command(let waiter), .error(let error)) where !isOfCluster && error.isChangeOfServer:
            return demote([waiter], error)
        case (.command(let waiter), .error(let error)):
            if error.forbidsDigests { digests.giveUp() }
            return .reply(waiter, .failure(RedisError(error)))
        case (.command(let waiter), _):
            // While the server is suspect, a reply does not count: a replica also executes commands that only read.
            if !isSuspect { hasServed = true }
            guard durability == nil else {
                withhold(reply, for: waiter, entry.deadline)
                return .nothing
            }
            return .reply(waiter, .success(reply))
        case (.replication, _): return .release(confirm(reply))
        case (.load(let script), _):
            digests.learn(RedisScript.Digest(reply), of: script)
            return .nothing
        case (.authentication, .error(let error)):
            let told = error.withoutText
            return .close(error.isUnavailability ? .unavailable(told.description) : .refused(told))
        case (_, .error(let error)) where error.isUnavailability: return .close(.unavailable(error.description))
        case (_, .error(let error)) where error.code == "DENIED": return .close(.refused(error))
        case (.login, .error(let error)): return .close(.refused(error))
        case (.role, _): return checkRole(reply)
        // PING may be forbidden or unknown. Even that error shows that the server replies, which is all we need.
        case (.probe, .error(let error)) where !error.isLackOfCommand: return .close(.refused(error))
        case (.probe, _):
            guard !awaitsSlots else { return .nothing }
            becomeReady()
            return .ready
        case (.version, _):
            // INFO may be forbidden or name no version. Then the first command that an old server lacks fails.
            if let version = ServerVersion(reply), version < .needed {
                return .close(.unavailable("Redis \(version) is too old; \(ServerVersion.needed) or newer is needed"))
            }
            return reply.isOfCluster && !isOfCluster && !needsMaster ? askForSlots(entry.deadline) : .nothing
        case (.slots, _): return checkSlots(reply, entry.deadline)
        case (.authentication, _), (.login, _), (.name, _), (.asking, _): return .nothing
        }
    }

    /// The server rejects a command because it is not the wanted one.
    mutating func demote(_ waiters: [Waiter], _ error: RedisServerError) -> Outcome {
        isDemoted = true
        isSuspect = isSuspect || error.isDemotion
        return .demoted(waiters, error)
    }

    private mutating func note(_ reply: RedisReply) {
        guard phase == .probing(isNew: true), replies < 2 else { return }
        replies += 1
        if case .error(let error) = reply, replies == 1 { firstWords = error } else { firstWords = nil }
    }

    /// Takes the reply to ROLE. A user who may not call ROLE is served nonetheless: a replica rejects writes in any
    /// case.
    private mutating func checkRole(_ reply: RedisReply) -> Outcome {
        if case .error(let error) = reply, !needsMaster || error.code == "NOPERM" {
            return error.code == "NOAUTH" ? .close(.refused(error)) : .nothing
        }
        switch reply.role {
        case .master?:
            isSuspect = false
            return .nothing
        case .replica?: return .close(.unavailable("\(url.endpoint) is a replica"))
        case nil:
            if case .error(let error) = reply { return .close(.refused(error)) }
            // A proxy in front of Redis may report roles of its own.
            return needsMaster ? .close(.unavailable("\(url.endpoint) is not a primary")) : .nothing
        }
    }

    private mutating func askForSlots(_ deadline: Instant) -> Outcome {
        awaitsSlots = true
        send(RedisCommand("CLUSTER", "SLOTS"), .slots, deadline)
        return .release([])
    }

    /// Takes the reply to CLUSTER SLOTS. A cluster of one server works like a single server. One server of a larger
    /// cluster executes only commands for its own slots, so that some organizations would work and others never.
    private mutating func checkSlots(_ reply: RedisReply, _ deadline: Instant) -> Outcome {
        awaitsSlots = false
        if case .error = reply {
            // CLUSTER SLOTS may be forbidden. Then the first command that is redirected fails.
        } else if ClusterSlots(reply, from: url.endpoint)?.isWhole != true {
            return .close(.unavailable(RedisServerError.adviceOnCluster))
        }
        becomeReady()
        return .ready
    }

    /// Call this when ``nextDeadline`` has passed, after receiving whatever the server has sent. Returns the waiters
    /// whose time is up, and whether the server owes a reply; if so, close the connection.
    mutating func deadlinePassed(now: Instant) -> (failed: [(Waiter, RedisError)], isOwed: Bool) {
        guard let due = nextDeadline else { return ([], false) }
        // The call is late, so this process stood still: wait once more for the server's replies.
        isInGrace = !isInGrace && now - due > Self.probeTime
        if isInGrace {
            nextDeadline = now + Self.probeTime
            return ([], false)
        }
        let overdue = waiting.drain { $0.deadline <= now }
        waitingBytes -= overdue.reduce(0) { $0 + $1.command.maximumEncodedCount }
        let unconfirmed = failWithheld(.timedOut) { $0.deadline <= now }
        let deadlines = inFlight.remaining.lazy.map(\.deadline)
        let isOwed = deadlines.contains { $0 <= now }
        nextDeadline = isOwed ? nil : deadlines.min()
        for next in waiting.remaining { expect(next.deadline) }
        expectWithheld()
        let failed = overdue.map { ($0.waiter, RedisError(.unavailable(absence), mayHaveBeenExecuted: false)) }
        return (failed + unconfirmed, isOwed)
    }

    /// Why there is no connection, as far as known.
    private var absence: String {
        switch lastFailure {
        case .unavailable(let cause)?: cause
        case let reason?: "\(reason)"
        case nil: "not connected in time"
        }
    }

    mutating func expect(_ deadline: Instant) {
        nextDeadline = min(nextDeadline ?? deadline, deadline)
    }

    mutating func send(_ entry: Waiting) {
        let digest = prepare(entry.command.script, entry.options, entry.deadline)
        send(entry.command, .command(entry.waiter), entry.deadline, digest: digest)
        durability?.isOwed = true
    }

    /// Sends what has to precede a command. Returns the digest to send instead of the script.
    mutating func prepare(
        _ script: RedisScript?,
        _ options: SendOptions,
        _ deadline: Instant
    ) -> RedisScript.Digest? {
        var digest: RedisScript.Digest?
        if let script {
            digest = digests[script]
            if digests.begin(script) {
                var load = RedisCommand("SCRIPT", capacity: script.text.count + 64)
                load.append("LOAD")
                load.append(script.text)
                send(load, .load(script), deadline)
            }
        }
        // ASKING applies to the next command only, so it follows SCRIPT LOAD.
        if options.contains(.asking) { send(RedisCommand("ASKING"), .asking, deadline) }
        return options.contains(.whole) ? nil : digest
    }

    mutating func send(
        _ command: RedisCommand,
        _ purpose: Purpose,
        _ deadline: Instant,
        digest: RedisScript.Digest? = nil
    ) {
        output.append { command.encode(into: &$0, digest: digest) }
        inFlight.append(InFlight(purpose: purpose, deadline: deadline, end: output.appendedTotal))
        expect(deadline)
    }
}
