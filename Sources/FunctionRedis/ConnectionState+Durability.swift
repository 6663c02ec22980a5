import FunctionEventLoop

extension ConnectionState {
    /// Answers that are held back until replicas have what they tell of.
    ///
    /// One WAIT at a time, for all commands that left with it: it holds up whatever stands behind it on its connection. So
    /// what is submitted meanwhile waits on this side, and leaves together when the reply has come.
    struct Durability {
        /// How many replicas have to have it.
        let replicas: Int
        /// How long they have for it.
        let time: Interval
        /// Whether a WAIT is on its way.
        var isAsked = false
        /// Whether commands were sent since the last WAIT.
        var isOwed = false
        var withheld = FIFO<Withheld>()
    }

    struct Withheld {
        let waiter: Waiter
        let reply: RedisReply
        let deadline: Instant
    }

    /// All commands of this turn are in the output, which is about to be written.
    mutating func askReplicas(now: Instant) {
        guard let durability, durability.isOwed, !durability.isAsked, phase == .ready else { return }
        var command = RedisCommand("WAIT")
        command.append(durability.replicas)
        // 0 would mean for ever.
        command.append(max(1, durability.time.milliseconds))
        // A server that hangs does not hold to the time that it was given; others look at it ten times a second (hz).
        send(command, .replication, now + 2 * durability.time + Self.probeTime)
        self.durability?.isAsked = true
        self.durability?.isOwed = false
    }

    mutating func withhold(_ reply: RedisReply, for waiter: Waiter, _ deadline: Instant) {
        durability?.withheld.append(Withheld(waiter: waiter, reply: reply, deadline: deadline))
    }

    /// The reply to WAIT has come: the number of replicas that have what was sent before it. What waited is sent.
    mutating func confirm(_ reply: RedisReply) -> [(Waiter, Result<RedisReply, RedisError>)] {
        guard let durability else { return [] }
        let released = durability.withheld.remaining.map { entry -> (Waiter, Result<RedisReply, RedisError>) in
            switch reply {
            case .integer(let count) where count >= durability.replicas: return (entry.waiter, .success(entry.reply))
            case .integer(let count):
                return (entry.waiter, .failure(.notReplicated(max(0, count), of: durability.replicas)))
            // It may not be asked at all.
            case .error(let error):
                return (entry.waiter, .failure(RedisError(.refused(error), mayHaveBeenExecuted: true)))
            default: return (entry.waiter, .failure(.notReplicated(0, of: durability.replicas)))
            }
        }
        self.durability = Durability(replicas: durability.replicas, time: durability.time)
        sendWaiting()
        return released
    }

    /// No reply to WAIT is expected any more, by those that match.
    mutating func failWithheld(
        _ reason: RedisError.Reason,
        where matches: (Withheld) -> Bool
    ) -> [(Waiter, RedisError)] {
        guard let failed = durability?.withheld.drain(where: matches) else { return [] }
        return failed.map { ($0.waiter, RedisError(reason, mayHaveBeenExecuted: true)) }
    }

    /// The connection is lost.
    mutating func failWithheld(_ reason: RedisError.Reason) -> [(Waiter, RedisError)] {
        defer { durability?.isAsked = false; durability?.isOwed = false }
        return failWithheld(reason) { _ in true }
    }

    mutating func expectWithheld() {
        for entry in durability?.withheld.remaining ?? [] { expect(entry.deadline) }
    }
}

extension RedisError {
    fileprivate static func notReplicated(_ count: Int, of replicas: Int) -> RedisError {
        RedisError(.notReplicated(count, of: replicas), mayHaveBeenExecuted: true)
    }
}
