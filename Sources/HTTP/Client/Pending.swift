import EventLoop

/// A value that is still to come, and who waits for it: each until a deadline of its own, or its task's cancellation.
///
/// Lives on its loop's thread.
final class Pending<Value: Sendable>: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.

    /// How a wait ended.
    enum Outcome: Sendable {
        case value(Value)
        case timedOut
        case cancelled
    }

    private let loop: EventLoop
    private var value: Value?
    private var waiters: [Int: UnsafeContinuation<Outcome, Never>] = [:]
    private var waiterCount = 0

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func fulfil(_ value: Value) {
        self.value = value
        for waiter in waiters.keys { resume(waiter, .value(value)) }
    }

    func wait(until deadline: Instant) async -> Outcome {
        waiterCount += 1
        let waiter = waiterCount
        let timer = Timer(on: loop) { [unowned self] in resume(waiter, .timedOut) }
        let outcome = await withTaskCancellationHandler {
            // Resumed exactly once: whoever resumes it takes it out first. Jobs may run before the continuation is there:
            // the value could have come by then, or the cancellation.
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Outcome, Never>) in
                if let value { return continuation.resume(returning: .value(value)) }
                if Task.isCancelled { return continuation.resume(returning: .cancelled) }
                waiters[waiter] = continuation
                timer.deadline = deadline
            }
        } onCancel: { [self] in
            // Whoever cancels may be on any thread.
            if loop.isCurrent { resume(waiter, .cancelled) } else { loop.start { self.resume(waiter, .cancelled) } }
        }
        timer.cancel()
        return outcome
    }

    private func resume(_ waiter: Int, _ outcome: Outcome) {
        waiters.removeValue(forKey: waiter)?.resume(returning: outcome)
    }
}
