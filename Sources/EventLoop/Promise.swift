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
