import FunctionEventLoop

extension ConnectionState {
    /// Withholds replies until enough replicas have the writes.
    ///
    /// One WAIT is in flight at a time, for all commands that were sent with it. It blocks everything behind it on the
    /// connection, so later commands wait on this side and are sent together when its reply has come.
    struct Durability {
        /// How many replicas must have the writes.
        let replicas: Int
        /// How long the replicas may take.
        let time: Interval
        /// Whether a WAIT is in flight.
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

    /// Appends a WAIT if one is due. Called once all commands of this turn are in the output, just before it is
    /// written.
    mutating func askReplicas(now: Instant) {
        guard let durability, durability.isOwed, !durability.isAsked, phase == .ready else { return }
        var command = RedisCommand("WAIT")
        command.append(durability.replicas)
        // 0 would mean no timeout.
        command.append(max(1, durability.time.milliseconds))
        // A server checks the timeout of WAIT ten times a second (`hz`); one that hangs does not keep it at all.
        send(command, .replication, now + 2 * durability.time + Self.probeTime)
        self.durability?.isAsked = true
        self.durability?.isOwed = false
    }

    mutating func withhold(_ reply: RedisReply, for waiter: Waiter, _ deadline: Instant) {
        durability?.withheld.append(Withheld(waiter: waiter, reply: reply, deadline: deadline))
    }

    /// Takes the reply to WAIT, the number of replicas that have everything sent before it. Sends the commands that
    /// wait.
    mutating func confirm(_ reply: RedisReply) -> [(Waiter, Result<RedisReply, RedisError>)] {
        guard let durability else { return [] }
        let released = durability.withheld.remaining.map { entry -> (Waiter, Result<RedisReply, RedisError>) in
            switch reply {
            case .integer(let count) where count >= durability.replicas: return (entry.waiter, .success(entry.reply))
            case .integer(let count):
                return (entry.waiter, .failure(.notReplicated(max(0, count), of: durability.replicas)))
            // WAIT may be forbidden.
            case .error(let error):
                return (entry.waiter, .failure(RedisError(.refused(error), mayHaveBeenExecuted: true)))
            default: return (entry.waiter, .failure(.notReplicated(0, of: durability.replicas)))
            }
        }
        self.durability = Durability(replicas: durability.replicas, time: durability.time)
        sendWaiting()
        return released
    }

    /// Fails the matching replies: their WAIT is no longer awaited.
    mutating func failWithheld(
        _ reason: RedisError.Reason,
        where matches: (Withheld) -> Bool
    ) -> [(Waiter, RedisError)] {
        guard let failed = durability?.withheld.drain(where: matches) else { return [] }
        return failed.map { ($0.waiter, RedisError(reason, mayHaveBeenExecuted: true)) }
    }

    /// Fails all withheld replies, because the connection is lost.
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
