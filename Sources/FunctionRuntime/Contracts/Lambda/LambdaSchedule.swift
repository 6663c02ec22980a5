import EventLoop
import Platforms

/// How the time of an invocation is spent: of the last quarter of it, which is a second at most, each step has an equal
/// part.
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
        let step = min(left / 4, .seconds(1)) / 4
        spinning = end - step
        settled = spinning - step
        giveUp = settled - step
        cancel = giveUp - step
    }
}

extension InvocationFields {
    /// How long is left at `now`, which is in milliseconds since 1970; nil if the deadline is unknown.
    func timeLeft(at now: Int) -> Interval? {
        deadline.map { .milliseconds(max(0, $0 - now)) }
    }
}

extension Instant {
    fileprivate static func - (end: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: end.nanoseconds - interval.nanoseconds)
    }
}
