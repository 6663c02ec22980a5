import Glibc

/// A value that threads share under a mutex.
///
/// For the few places where threads meet. `Synchronization.Mutex` gives false reports under the thread sanitizer,
/// which does not see its futex; it sees pthread's.
public final class Lock<Value>: @unchecked Sendable {
    // Unchecked: `value` is touched with the mutex held, and only there.
    private var value: Value
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    public init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` with the value, alone.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
