internal import EventLoop

extension ConnectionState {
    /// What became of a command that was submitted.
    enum Submission: Equatable {
        /// There is output to be written.
        case sent
        /// It waits for the connection.
        case waits
        case refused(RedisError)
    }

    /// Somebody wants `command` executed before `deadline`.
    mutating func submit(
        _ command: RedisCommand,
        for waiter: Waiter,
        _ manner: Manner = [],
        deadline: Instant,
        now: Instant,
        sinceBoot: @autoclosure () -> Instant
    ) -> Submission {
        let size = command.maximumEncodedCount
        guard phase != .closed else { return .refused(RedisError(.closed, mayHaveBeenExecuted: false)) }
        guard output.pendingCount + waitingBytes + size <= Self.maximumBacklog else {
            return .refused(RedisError(.overloaded, mayHaveBeenExecuted: false))
        }
        if phase == .ready, durability?.isAsked != true {
            guard inFlight.isEmpty && sinceBoot() - lastHeard > Self.longestSilence else {
                send(command, for: waiter, manner, deadline)
                return .sent
            }
            prove(isNew: false, now + Self.proofTime)
        }
        waiting.append(Waiting(command: command, waiter: waiter, manner: manner, deadline: deadline))
        waitingBytes += size
        expect(deadline)
        return output.pendingCount > 0 ? .sent : .waits
    }

    /// What a reply means to the connection.
    enum Outcome {
        case nothing
        case answer(Waiter, Result<RedisReply, RedisError>)
        /// Answers that were held back, and there may be output to be written.
        case release([(Waiter, Result<RedisReply, RedisError>)])
        /// The server lets nobody write any more: this is the answer, and the connection is to be closed.
        case demoted(Waiter, RedisServerError)
        /// The connection is ready, and there may be output to be written.
        case ready
        /// The connection is to be closed.
        case close(RedisError.Reason)
    }

    /// The next reply has come.
    mutating func received(_ reply: RedisReply) -> Outcome {
        guard let entry = inFlight.popFirst() else { return .close(.malformedReply(.unsolicited)) }
        switch (entry.purpose, reply) {
        case (.command(let waiter), .error(let error)) where needsMaster && error.isReadOnly:
            isDemoted = true
            return .demoted(waiter, error)
        case (.command(let waiter), .error(let error)): return .answer(waiter, .failure(RedisError(error)))
        case (.command(let waiter), _):
            guard durability == nil else {
                withhold(reply, for: waiter, entry.deadline)
                return .nothing
            }
            return .answer(waiter, .success(reply))
        case (.replication, _): return .release(confirm(reply))
        case (.load(let script), _):
            digests.learn(RedisScript.Digest(reply), of: script)
            return .nothing
        case (_, .error(let error)) where error.isUnavailability: return .close(.unavailable(error.description))
        case (.login, .error(let error)): return .close(.refused(error.masking(url.password)))
        // Whoever may not even ask for that is answered nonetheless; a replica lets nobody write in any case.
        case (.role, .error(let error)) where error.code != "NOPERM": return .close(.refused(error))
        case (.proof, .error(let error)) where error.code != "NOPERM": return .close(.refused(error))
        case (.proof, _):
            becomeReady()
            return .ready
        case (.version, _):
            // Whoever may not ask, or is not told, finds out by the first command that is not there.
            guard let version = ServerVersion(reply), version < .needed else { return .nothing }
            return .close(.unavailable("Redis \(version) is too old; \(ServerVersion.needed) or newer is needed"))
        case (.role, .error): return .nothing
        case (.role, _):
            guard let role = reply.role else { return .close(.unavailable("\(url.endpoint) is no master")) }
            return role == .master ? .nothing : .close(.unavailable("\(url.endpoint) is a replica"))
        case (.login, _), (.name, _), (.asking, _): return .nothing
        }
    }

    /// What is to be done about deadlines.
    struct Lapse {
        /// These waited for a connection in vain.
        var failed: [(Waiter, RedisError)] = []
        /// Whether the server owes a reply: the connection is to be closed.
        var isOwed = false
    }

    /// The moment ``nextDeadline`` has passed. What the server has sent must have been received before.
    mutating func deadlinePassed(now: Instant) -> Lapse {
        guard let due = nextDeadline else { return Lapse() }
        // Late means that this process stood still. Let the server's answers come in, once.
        isInGrace = !isInGrace && now - due > Self.proofTime
        if isInGrace {
            nextDeadline = now + Self.proofTime
            return Lapse()
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
        return Lapse(failed: failed + unconfirmed, isOwed: isOwed)
    }

    /// Why there is no connection, as far as that is known.
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

    mutating func send(_ command: RedisCommand, for waiter: Waiter, _ manner: Manner, _ deadline: Instant) {
        var digest: RedisScript.Digest?
        if let script = command.script {
            digest = digests[script]
            if digests.begin(script) {
                var load = RedisCommand("SCRIPT", capacity: script.text.count + 64)
                load.append("LOAD")
                load.append(script.text)
                send(load, .load(script), deadline)
            }
        }
        // It holds for the next command alone, so it goes behind SCRIPT LOAD.
        if manner.contains(.asking) { send(RedisCommand("ASKING"), .asking, deadline) }
        send(command, .command(waiter), deadline, digest: manner.contains(.whole) ? nil : digest)
        durability?.isOwed = true
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
