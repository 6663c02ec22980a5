import FunctionEventLoop
import FunctionPlatforms

/// Runs pieces of work one after the other, each in a task that is cancelled at one time and abandoned at a later one.
/// Confined to its loop's thread.
final class TimedWork: @unchecked Sendable {
    // Unchecked: everything here is touched only on the loop's thread.
    private let loop: EventLoop
    /// One timer for all pieces, so that the loop's queue of timers does not grow.
    private lazy var timer = Timer(on: loop) { [unowned self] in timeCame() }
    private var giveUp: Instant?
    private var task: Task<Void, Never>?
    private var isOver = Promise<Void>()

    init(on loop: EventLoop) {
        self.loop = loop
    }

    private final class Outcome<Value: Sendable>: @unchecked Sendable {
        // Unchecked: it is touched only on the loop's thread.
        var value: Value?
        var isGivenUp = false
    }

    /// The result of `work`; nil if it was not there by `giveUp`. A result that comes later is passed to `tooLate`.
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

/// The deadlines within an invocation. The last quarter of its time, at most a second, is divided into four equal
/// steps.
struct LambdaSchedule: Hashable, Sendable {
    /// The handler's task is cancelled; it may still return a response.
    let cancel: Instant
    /// The handler is abandoned, and an error is posted in its place.
    let giveUp: Instant
    /// The function's settling is abandoned.
    let settled: Instant
    /// By then the loop must have polled for the next event; if not, the handler spins.
    let spinning: Instant

    /// `left` is how long Lambda waits, from `now`.
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
    /// The time left at `now`, in milliseconds since 1970; nil if there is no deadline.
    func timeLeft(at now: Int) -> Interval? {
        deadline.map { .milliseconds(max(0, $0 - now)) }
    }
}

extension Instant {
    fileprivate static func - (end: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: end.nanoseconds - interval.nanoseconds)
    }
}
