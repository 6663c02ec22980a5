import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// One asker of Lambda's Runtime API: asks, has the event answered, posts the answer, and asks again. A value that does
/// no I/O: it is told what became of each call, and says what is to be done next.
struct LambdaCycle: Sendable {
    private enum State {
        /// The next event is asked for; so often in a row that has failed, or there was none.
        case asking(failures: Int, empties: Int)
        /// An event is being answered: the handler runs, or its answer is posted.
        case answering
        /// The answer was too large, and another one is posted instead; or that there is none.
        case excusing
        case ended
    }

    enum Action: Hashable, Sendable {
        case ask(after: Interval)
        /// Answer the event that has come, and post the answer.
        case answer
        /// Post that the answer was too large, instead of it.
        case excuse
        case end(End)
    }

    /// Why no more is asked for.
    enum End: Hashable, Sendable {
        /// It was told to stop.
        case stopped
        /// The Runtime API was never reached.
        case unreachable
        /// The Runtime API fails again and again.
        case lost
        /// The Runtime API says that this environment cannot go on (500).
        case broken

        /// The process' exit code.
        var code: Int32 {
            switch self {
            case .stopped: 0
            case .unreachable: 3
            case .lost, .broken: 4
            }
        }
    }

    private var state = State.asking(failures: 0, empties: 0)
    private var wasAnswered = false
    private var isStopping = false

    /// After so many failures in a row, which take some four seconds, nothing is expected any more.
    static let maxFailures = 10

    /// `next` was answered; `isEvent` if that can be worked with.
    mutating func asked(_ status: Status, isEvent: Bool) -> Action {
        guard case .asking(let failures, let empties) = state else { return end(.stopped) }
        wasAnswered = true
        switch status {
        case .ok where isEvent:
            state = .answering
            return .answer
        case .noContent:
            state = .asking(failures: 0, empties: empties + 1)
            return proceed(after: Self.pause(empties))
        case .internalServerError:
            return end(.broken)
        default:
            return retry(failures + 1)
        }
    }

    /// `next` was not answered, or not to the end.
    mutating func askingFailed() -> Action {
        guard case .asking(let failures, _) = state else { return end(.stopped) }
        return retry(failures + 1)
    }

    /// What was posted was answered; `isReplaceable` if another answer could take its place.
    mutating func posted(_ status: Status, isReplaceable: Bool = true) -> Action {
        switch (state, status) {
        case (.ended, _): return end(.stopped)
        case (_, .internalServerError): return end(.broken)
        case (.answering, .contentTooLarge) where isReplaceable:
            state = .excusing
            return .excuse
        default:
            // Also what was refused: to an event that Lambda knows no more (400, 403) nothing can be said.
            return next()
        }
    }

    /// What was posted was not answered: whether it has arrived is unknown.
    mutating func postingFailed() -> Action {
        if case .ended = state { return end(.stopped) }
        return next()
    }

    /// Decides again once the function has settled: it may have been told to stop meanwhile.
    mutating func settled(_ action: Action) -> Action {
        guard isStopping, case .ask = action else { return action }
        return end(.stopped)
    }

    /// Asks for no more events; what is being answered is brought to its end.
    mutating func stop() {
        isStopping = true
    }

    private mutating func next() -> Action {
        state = .asking(failures: 0, empties: 0)
        return proceed(after: .seconds(0))
    }

    private mutating func retry(_ failures: Int) -> Action {
        state = .asking(failures: failures, empties: 0)
        guard failures < Self.maxFailures else { return end(wasAnswered ? .lost : .unreachable) }
        return proceed(after: Self.pause(failures))
    }

    private mutating func proceed(after delay: Interval) -> Action {
        isStopping ? end(.stopped) : .ask(after: delay)
    }

    private mutating func end(_ end: End) -> Action {
        state = .ended
        return .end(isStopping ? .stopped : end)
    }

    /// 10 ms, doubling to a second.
    private static func pause(_ count: Int) -> Interval {
        count == 0 ? .seconds(0) : .milliseconds(min(1000, 10 << min(count - 1, 10)))
    }
}
