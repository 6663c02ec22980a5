import FunctionEventLoop

/// Retry and redirection policy of one command in a cluster: takes each failure, returns the next step.
///
/// A command that was not executed is retried until the deadline; one that may have been executed is retried once.
/// Redirections are bounded, because servers may disagree about who has a slot.
struct ClusterOperation {
    enum Step: Equatable {
        /// Retry at the server that has the slot, after this pause.
        case again(after: Interval)
        /// Retry at the server that the slot is migrating to, with ASKING, after this pause.
        case ask(RedisURL.Endpoint, after: Interval)
        /// The slot has moved to this server: record that and retry there, after this pause.
        case moved(HashSlot, RedisURL.Endpoint, after: Interval)
        case fail(RedisError)
    }

    /// More redirections than a settled cluster needs. After the first few, each one waits longer.
    static let maxRedirections = 16
    private static let redirectionsAtOnce = 4
    /// Limit on tries of all kinds.
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

    /// The deadline of the next try: half of the remaining time while another try is possible, otherwise all of it.
    func limit(now: Instant) -> Instant {
        mayHaveBeenExecuted ? deadline : now + (deadline - now) / 2
    }

    /// Returns what to do after `server` failed with `error`.
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

    /// Ends the operation with `error`, as possibly executed if an earlier try may have been.
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

    /// The next pause: 5 ms, then doubling up to 80 ms; nil if it would last beyond the deadline.
    private mutating func nextPause(_ now: Instant) -> Interval? {
        guard now + pause < deadline else { return nil }
        defer { pause = min(2 * pause, Self.maxPause) }
        return pause
    }
}

extension RedisServerError {
    /// Whether the cluster is changing or recovering: nothing was executed, and a retry may soon succeed. READONLY
    /// comes from a server that has just become a replica.
    fileprivate var isClusterTransition: Bool {
        ["TRYAGAIN", "CLUSTERDOWN", "READONLY"].contains(code)
    }
}
