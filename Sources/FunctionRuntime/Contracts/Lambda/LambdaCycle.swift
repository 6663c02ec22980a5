import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// The cycle of one worker: poll Lambda's Runtime API, respond to the event, post the response, poll again. A value
/// without I/O: it takes the outcome of each call, and returns the next action.
struct LambdaCycle: Sendable {
    private enum State {
        /// Polling for the next event, after so many consecutive failures, or responses without an event (204).
        case asking(failures: Int, empties: Int)
        /// The handler runs, or its response is being posted.
        case responding
        /// The response was too large, and an error is being posted in its place.
        case excusing
        case ended
    }

    enum Action: Hashable, Sendable {
        /// Poll for the next event.
        case ask(after: Interval)
        /// Run the handler on the event, and post its response.
        case respond
        /// Post an error in place of the response, which was too large.
        case excuse
        case end(End)
    }

    /// Why the cycle ended.
    enum End: Hashable, Sendable {
        /// By ``LambdaCycle/stop()``.
        case stopped
        /// The Runtime API was never reached.
        case unreachable
        /// The Runtime API failed ``LambdaCycle/maxFailures`` times in a row.
        case lost
        /// The Runtime API reported that this environment cannot go on (500).
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
    private var wasReached = false
    private var isStopping = false

    /// Failures in a row before the cycle gives up; with their pauses they take some four seconds.
    static let maxFailures = 10

    /// `next` returned `status`; `isEvent` if it came with a usable event.
    mutating func asked(_ status: Status, isEvent: Bool) -> Action {
        guard case .asking(let failures, let empties) = state else { return end(.stopped) }
        wasReached = true
        switch status {
        case .ok where isEvent:
            state = .responding
            return .respond
        case .noContent:
            state = .asking(failures: 0, empties: empties + 1)
            return proceed(after: Self.pause(empties))
        case .internalServerError:
            return end(.broken)
        default:
            return retry(failures + 1)
        }
    }

    /// `next` failed, or its response broke off.
    mutating func askingFailed() -> Action {
        guard case .asking(let failures, _) = state else { return end(.stopped) }
        return retry(failures + 1)
    }

    /// A post returned `status`; `isReplaceable` if another response can be posted in place of this one.
    mutating func posted(_ status: Status, isReplaceable: Bool = true) -> Action {
        switch (state, status) {
        case (.ended, _): return end(.stopped)
        case (_, .internalServerError): return end(.broken)
        case (.responding, .contentTooLarge) where isReplaceable:
            state = .excusing
            return .excuse
        default:
            // Refusals too (400, 403): Lambda no longer knows the event, so there is nothing left to post.
            return next()
        }
    }

    /// A post failed: whether it arrived is unknown.
    mutating func postingFailed() -> Action {
        if case .ended = state { return end(.stopped) }
        return next()
    }

    /// Confirms the action once the function has settled: ``stop()`` may have been called meanwhile.
    mutating func settled(_ action: Action) -> Action {
        guard isStopping, case .ask = action else { return action }
        return end(.stopped)
    }

    /// Ends the cycle instead of the next poll; an event in flight is still served.
    mutating func stop() {
        isStopping = true
    }

    private mutating func next() -> Action {
        state = .asking(failures: 0, empties: 0)
        return proceed(after: .seconds(0))
    }

    private mutating func retry(_ failures: Int) -> Action {
        state = .asking(failures: failures, empties: 0)
        guard failures < Self.maxFailures else { return end(wasReached ? .lost : .unreachable) }
        return proceed(after: Self.pause(failures))
    }

    private mutating func proceed(after delay: Interval) -> Action {
        isStopping ? end(.stopped) : .ask(after: delay)
    }

    private mutating func end(_ end: End) -> Action {
        state = .ended
        return .end(isStopping ? .stopped : end)
    }

    /// Zero at first, then 10 ms, doubling up to a second.
    private static func pause(_ count: Int) -> Interval {
        count == 0 ? .seconds(0) : .milliseconds(min(1000, 10 << min(count - 1, 10)))
    }
}
