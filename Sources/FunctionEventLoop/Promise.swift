/// A value that is set once and that any number of tasks can wait for. Lives on the thread of one loop.
package final class Promise<Value: Sendable>: @unchecked Sendable {
    // Unchecked: only its loop's thread fulfils it and waits for it.
    private var value: Value?
    private var waiters: [UnsafeContinuation<Value, Never>] = []

    package init() {}

    package var isFulfilled: Bool { value != nil }

    /// Sets the value and resumes the waiters. Ignores every value after the first.
    package func fulfil(_ value: Value) {
        guard self.value == nil else { return }
        self.value = value
        // Each is resumed exactly once: nobody is added once there is a value.
        for waiter in waiters { waiter.resume(returning: value) }
        waiters = []
    }

    /// Waits for the value; cancellation of the caller's task does not end the wait.
    package func wait() async -> Value {
        await withUnsafeContinuation { continuation in
            // Other jobs may have run since the caller checked.
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

/// A value that is set once; each waiter has its own deadline and stops waiting if its task is cancelled.
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
            // The cancelling code may be on any thread.
            loop.perform { waiter.fulfil(.cancelled) }
        }
    }

    /// Isolated on purpose: the operation of withTaskCancellationHandler is nonisolated; this call hops to the loop.
    private func outcome(of waiter: Promise<Outcome>) async -> Outcome {
        await waiter.wait()
    }
}
