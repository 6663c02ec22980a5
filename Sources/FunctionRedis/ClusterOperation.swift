import FunctionEventLoop

/// One operation's way through a cluster: what to do about each answer that is none, as a value.
///
/// What was not executed is tried again until the deadline; what may have been executed, once. Redirections are bounded,
/// for servers may disagree.
struct ClusterOperation {
    enum Step: Equatable {
        /// Where the slot is, after so long.
        case again(after: Interval)
        /// At the server to which the slot is on its way; after so long.
        case ask(RedisURL.Endpoint, after: Interval)
        /// Where the slot is, of which is known now that it is there; after so long.
        case moved(HashSlot, RedisURL.Endpoint, after: Interval)
        case fail(RedisError)
    }

    /// More redirections than a cluster needs that has settled; each of the last ones waits longer.
    static let maxRedirections = 16
    private static let redirectionsAtOnce = 4
    /// The most tries of all kinds.
    private static let maxTries = 64
    private static let firstPause = Interval.milliseconds(5)
    private static let maxPause = Interval.milliseconds(80)

    let deadline: Instant
    private var tries = 0
    private var redirections = 0
    private var pause = firstPause
    private var mayHaveBeenExecuted = false

    init(until deadline: Instant) {
        self.deadline = deadline
    }

    /// Until when the next try may take: half of what is left, as long as there can be another one.
    func limit(now: Instant) -> Instant {
        mayHaveBeenExecuted ? deadline : now + (deadline - now) / 2
    }

    /// What to do after `server` has not answered but with `error`.
    mutating func step(after error: RedisError, from server: RedisURL.Endpoint, now: Instant) -> Step {
        tries += 1
        if case .refused(let refusal) = error.reason {
            if let redirection = Redirection(refusal, from: server) { return step(redirection, refusal, now) }
            guard refusal.isClusterTransition else { return fail(error) }
            return later(refusal.description, now)
        }
        switch error.reason {
        case .unavailable(let cause): return later(cause, now)
        case .overloaded, .refused, .notReplicated: return fail(error)
        case .connectionLost, .timedOut, .malformedReply, .closed:
            guard error.mayHaveBeenExecuted else { return later("\(error.reason)", now) }
            guard !mayHaveBeenExecuted else { return fail(error) }
            mayHaveBeenExecuted = true
            return .again(after: .seconds(0))
        }
    }

    /// The operation has come to nothing.
    func fail(_ error: RedisError) -> Step {
        .fail(RedisError(error.reason, mayHaveBeenExecuted: mayHaveBeenExecuted || error.mayHaveBeenExecuted))
    }

    func unavailable(_ cause: String) -> RedisError {
        RedisError(.unavailable(cause), mayHaveBeenExecuted: mayHaveBeenExecuted)
    }

    private mutating func step(_ redirection: Redirection, _ error: RedisServerError, _ now: Instant) -> Step {
        redirections += 1
        guard redirections <= Self.maxRedirections else {
            return .fail(unavailable("sent from server to server \(redirections) times, the last time by \(error)"))
        }
        var wait = Interval.seconds(0)
        if redirections > Self.redirectionsAtOnce {
            guard let pause = nextPause(now) else { return .fail(unavailable(error.description)) }
            wait = pause
        }
        return switch redirection.kind {
        case .moved: .moved(redirection.slot, redirection.endpoint, after: wait)
        case .ask: .ask(redirection.endpoint, after: wait)
        }
    }

    private mutating func later(_ cause: String, _ now: Instant) -> Step {
        guard tries < Self.maxTries, let pause = nextPause(now) else { return .fail(unavailable(cause)) }
        return .again(after: pause)
    }

    /// From 5 ms, doubling; nil if it would last beyond the deadline.
    private mutating func nextPause(_ now: Instant) -> Interval? {
        guard now + pause < deadline else { return nil }
        defer { pause = min(2 * pause, Self.maxPause) }
        return pause
    }
}

extension RedisServerError {
    /// Whether it tells of a cluster that is in the middle of a change, or of one that hopes to recover: nothing was
    /// executed, and the same may be well in a moment. READONLY comes from a server that was made a replica just now.
    fileprivate var isClusterTransition: Bool {
        ["TRYAGAIN", "CLUSTERDOWN", "READONLY"].contains(code)
    }
}
