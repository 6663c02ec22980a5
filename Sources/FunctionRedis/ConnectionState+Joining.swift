import FunctionEventLoop

/// Commands that are sent as one.
///
/// A command that can be joined waits until the turn's jobs have run, which is also when the turn's output is written:
/// waiting costs it nothing. Their waiters do not notice that they share a command. If it fails, each of them repeats
/// its own, in the same turn, so that they are joined again.
extension ConnectionState {
    /// Whether `command` should wait for others.
    func canJoin(_ command: RedisCommand) -> Bool {
        command.joint != nil && durability == nil
    }

    /// Sends the commands that have waited for others. Called when the turn's jobs have run, or earlier if there are
    /// enough of them.
    mutating func sendJoinable() {
        guard phase == .ready, durability == nil else { return }
        sendWaiting()
    }

    /// Sends everything that waits, those that can be joined as one.
    mutating func sendWaiting() {
        waitingBytes = 0
        while let first = waiting.popFirst() {
            guard canJoin(first.command) else {
                send(first)
                continue
            }
            let others = takeOthers(joining: first)
            statistics?.sent(joined: 1 + others.count)
            if others.isEmpty { send(first) } else { send(joined: [first] + others) }
        }
    }

    /// Removes the commands to send together with `first`. Where many keys take turns hardly any command has others, so
    /// this looks further only if the very next command is one.
    private mutating func takeOthers(joining first: Waiting) -> [Waiting] {
        guard let joint = first.command.joint, let next = waiting.first, first.joins(next) else { return [] }
        return waiting.take(among: Int(joint.limit) - 1) { first.joins($0) }
    }

    private mutating func send(joined entries: [Waiting]) {
        guard let first = entries.first else { return }
        let deadline = entries.reduce(first.deadline) { min($0, $1.deadline) }
        let digest = prepare(first.command.script, first.options, deadline)
        output.append { RedisCommand.encode(joined: entries.map(\.command), into: &$0, digest: digest) }
        let purpose = Purpose.joined(entries.map(\.waiter))
        inFlight.append(InFlight(purpose: purpose, deadline: deadline, end: output.appendedTotal))
        expect(deadline)
    }

    /// Takes the reply to joined commands, which has an element for each of them.
    mutating func received(_ reply: RedisReply, for waiters: [Waiter]) -> Outcome {
        if case .error(let error) = reply {
            if !isOfCluster, error.isChangeOfServer { return demote(waiters, error) }
            if error.forbidsDigests { digests.giveUp() }
        } else if !isSuspect {
            hasServed = true
        }
        return .release(waiters.enumerated().map { index, waiter in (waiter, reply.part(index, of: waiters.count)) })
    }
}

extension ConnectionState.Waiting {
    func joins(_ other: Self) -> Bool {
        options == other.options && command.joins(other.command)
    }
}

extension RedisReply {
    /// The result of one of `count` joined commands.
    fileprivate func part(_ index: Int, of count: Int) -> Result<RedisReply, RedisError> {
        switch self {
        case .error(let error): return .failure(RedisError(error))
        case .array(let parts) where parts.count == count:
            if case .error(let error) = parts[index] { return .failure(RedisError(error)) }
            return .success(parts[index])
        default: return .failure(RedisError(.malformedReply(.miscounted), mayHaveBeenExecuted: true))
        }
    }
}
