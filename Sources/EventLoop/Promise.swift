/// A value that is still to come: fulfilled once, and waited for by any number of tasks.
///
/// Lives on the thread of its loop: it is fulfilled and waited for there alone.
package final class Promise<Value: Sendable>: @unchecked Sendable {
    // Unchecked: see above.
    private var value: Value?
    private var waiters: [UnsafeContinuation<Value, Never>] = []

    package init() {}

    /// Whether the value is there.
    package var isFulfilled: Bool { value != nil }

    /// Resumes who waits, now and from now on. What comes after the first value is dropped.
    package func fulfil(_ value: Value) {
        guard self.value == nil else { return }
        self.value = value
        // Each is resumed exactly once: nobody waits once the value is there.
        for waiter in waiters { waiter.resume(returning: value) }
        waiters = []
    }

    /// Waits for the value, whatever becomes of the caller's task.
    package func wait() async -> Value {
        await withUnsafeContinuation { continuation in
            // Other jobs may have run since the caller looked.
            if let value { return continuation.resume(returning: value) }
            waiters.append(continuation)
        }
    }
}

extension Promise<Void> {
    package func fulfil() {
        fulfil(())
    }
}

/// A value that is still to come, and who waits for it: each until a deadline of its own, or its task's cancellation.
package actor TimedPromise<Value: Sendable> {
    /// How a wait ended.
    package enum Outcome: Sendable {
        case value(Value)
        case timedOut
        case cancelled
    }

    private nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var value: Value?
    private var waiters: [Int: Waiter] = [:]
    private var waiterCount = 0

    private struct Waiter {
        let continuation: UnsafeContinuation<Outcome, Never>
        let timer: Timer
    }

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    package func fulfil(_ value: Value) {
        self.value = value
        for number in waiters.keys { resume(number, .value(value)) }
    }

    package func wait(until deadline: Instant) async -> Outcome {
        waiterCount += 1
        let number = waiterCount
        return await withTaskCancellationHandler {
            await suspend(number, until: deadline)
        } onCancel: {
            // Whoever cancels may be on any thread.
            loop.perform { self.assumeIsolated { $0.resume(number, .cancelled) } }
        }
    }

    /// A function of its own, as the handler's operation may run on another thread until it calls one.
    private func suspend(_ number: Int, until deadline: Instant) async -> Outcome {
        // Resumed exactly once: whoever resumes it takes it out first. The value may be there already, or the
        // cancellation.
        await withUnsafeContinuation { continuation in
            if let value { return continuation.resume(returning: .value(value)) }
            if Task.isCancelled { return continuation.resume(returning: .cancelled) }
            let timer = Timer(on: loop) { [weak self] in self?.assumeIsolated { $0.resume(number, .timedOut) } }
            timer.deadline = deadline
            waiters[number] = Waiter(continuation: continuation, timer: timer)
        }
    }

    private func resume(_ number: Int, _ outcome: Outcome) {
        guard let waiter = waiters.removeValue(forKey: number) else { return }
        waiter.timer.cancel()
        waiter.continuation.resume(returning: outcome)
    }
}
