import EventLoop

/// How the time of an invocation is spent: of the last quarter of it, which is 400 ms at most, each step has a part.
struct LambdaSchedule: Hashable, Sendable {
    /// The handler's task is cancelled: it may still answer.
    let cancel: Instant
    /// It is answered for, and no longer waited for.
    let giveUp: Instant
    /// What the function has to settle is no longer waited for.
    let settled: Instant
    /// The loop must have asked for the next event: if not, the handler spins.
    let spinning: Instant

    /// `left` is how long Lambda waits from `now` on.
    init(left: Interval, from now: Instant) {
        let end = now + left
        let step = min(left / 4, .milliseconds(400)) / 4
        spinning = end - step
        settled = spinning - step
        giveUp = settled - step
        cancel = giveUp - step
    }

    /// For what has to be done within `limit`, where no deadline is known.
    init(within limit: Interval, from now: Instant) {
        self.init(left: limit, from: now)
    }
}

extension Instant {
    fileprivate static func - (end: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: end.nanoseconds - interval.nanoseconds)
    }
}
