/// A value that one task waits for and others settle, once and for all: what comes after the first is dropped.
///
/// Lives on its loop's thread.
final class Later<Value: Sendable>: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.
    private var settled: Value?
    private var waiter: UnsafeContinuation<Value, Never>?

    /// Whether the value is there.
    var isSettled: Bool { settled != nil }

    func settle(_ value: Value) {
        guard settled == nil else { return }
        settled = value
        waiter.take()?.resume(returning: value)
    }

    /// One caller at a time.
    func value() async -> Value {
        // Resumed exactly once: ``settle(_:)`` takes it out. Other jobs may run before the continuation is there.
        await withUnsafeContinuation { continuation in
            if let settled { return continuation.resume(returning: settled) }
            waiter = continuation
        }
    }
}
