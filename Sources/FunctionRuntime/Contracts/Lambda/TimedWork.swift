import FunctionEventLoop
import FunctionPlatforms

/// Runs work, one piece after the other, each in a task of its own: that is cancelled at one moment, and not waited for
/// any longer at a later one. Lives on its loop's thread.
final class TimedWork: @unchecked Sendable {
    // Unchecked: everything here is touched on the loop's thread alone.
    private let loop: EventLoop
    /// One for all: what it leaves in the loop's queue does not grow.
    private lazy var timer = Timer(on: loop) { [unowned self] in timeCame() }
    private var giveUp: Instant?
    private var task: Task<Void, Never>?
    private var isOver = Promise<Void>()

    init(on loop: EventLoop) {
        self.loop = loop
    }

    private final class Outcome<Value: Sendable>: @unchecked Sendable {
        // Unchecked: it is touched on the loop's thread alone.
        var value: Value?
        var isGivenUp = false
    }

    /// The result of `work`; nil if it has come to none in time. What comes too late is handed to `tooLate`.
    func run<Value: Sendable>(
        _ times: (cancel: Instant, giveUp: Instant)?,
        _ work: @escaping @Sendable () async -> Value,
        tooLate: @escaping @Sendable (Value) async -> Void = { _ in }
    ) async -> Value? {
        let outcome = Outcome<Value>()
        isOver = Promise()
        task = loop.start {
            let value = await work()
            if outcome.isGivenUp { return await tooLate(value) }
            outcome.value = value
            self.isOver.fulfil()
        }
        giveUp = times?.giveUp
        timer.deadline = times?.cancel
        await isOver.wait()
        timer.deadline = nil
        task = nil
        outcome.isGivenUp = outcome.value == nil
        return outcome.value
    }

    func cancel() {
        task?.cancel()
    }

    private func timeCame() {
        task?.cancel()
        guard let giveUp, loop.now < giveUp else { return isOver.fulfil() }
        timer.deadline = giveUp
    }
}

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
