/// A value that is still to come: fulfilled once, and waited for by any number of tasks. Lives on the thread of its
/// loop: it is fulfilled and waited for there alone.
package final class Promise<Value: Sendable>: @unchecked Sendable {
    // Unchecked: see above.
    private var value: Value?
    private var waiters: [UnsafeContinuation<Value, Never>] = []

    package init() {}

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
    package enum Outcome: Sendable {
        case value(Value)
        case timedOut
        case cancelled
    }

    private nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var value: Value?
    private var waiters: [Promise<Outcome>] = []

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    package func fulfil(_ value: Value) {
        self.value = value
        for waiter in waiters { waiter.fulfil(.value(value)) }
    }

    package func wait(until deadline: Instant) async -> Outcome {
        if let value { return .value(value) }
        let waiter = Promise<Outcome>()
        waiters.append(waiter)
        let timer = Timer(on: loop, at: deadline) { waiter.fulfil(.timedOut) }
        defer {
            timer.cancel()
            waiters.removeAll { $0 === waiter }
        }
        return await withTaskCancellationHandler {
            await outcome(of: waiter)
        } onCancel: {
            // Whoever cancels may be on any thread.
            loop.perform { waiter.fulfil(.cancelled) }
        }
    }

    /// A function of its own, as the handler's operation may run on another thread until it calls one.
    private func outcome(of waiter: Promise<Outcome>) async -> Outcome {
        await waiter.wait()
    }
}
