import Glibc

package enum SystemThread {
    /// Runs `body` on a new thread, which ends with it. Throws if the system starts no more threads.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { context in
                // The pointer is the box retained above, and is read only here.
                let box = Unmanaged<Box>.fromOpaque(context!).takeRetainedValue()
                box.body()
                return nil
            },
            box.toOpaque()
        )
        guard result == 0 else {
            box.release()
            throw SystemError("pthread_create", result, reason: reason(result))
        }
        pthread_detach(thread)
    }

    /// Tells an operator what to check (pthread_create(3), clone(2)).
    private static func reason(_ code: Int32) -> String {
        let cause = SystemError("pthread_create", code).cause
        return switch code {
        case EAGAIN:
            "no thread can be started (\(cause)): check the limits on processes, "
                + "pids.max of the control group (--pids-limit of a container) and ulimit -u"
        case EPERM:
            "no thread can be started (\(cause)): the seccomp profile forbids clone3; "
                + "it must allow it, or refuse it with ENOSYS"
        default: "no thread can be started (\(cause))"
        }
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// A value that threads share, protected by a mutex.
///
/// `Synchronization.Mutex` causes false reports under the thread sanitizer, which does not see its futex but does see
/// pthread's mutex.
public final class Lock<Value>: @unchecked Sendable {
    // Unchecked: `value` is touched only with the mutex held.
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

    /// Runs `body` with exclusive access to the value.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
