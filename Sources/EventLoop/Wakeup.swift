internal import CLinux
import Glibc
internal import Synchronization

/// Ends a loop's wait from another thread (eventfd(2)).
final class Wakeup: Pollable, Sendable {
    let descriptor: Int32
    /// Whether something was signalled that the loop has not looked at; saves the system call for all but the first.
    private let isSignalled = Atomic(false)

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit {
        close(descriptor)
    }

    func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        eventfd_write(descriptor, 1)
    }

    /// Whether there was a signal since the last call.
    func takeSignal() -> Bool {
        isSignalled.load(ordering: .relaxed) && isSignalled.exchange(false, ordering: .acquiringAndReleasing)
    }

    func becameReady(_ events: UInt32) {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
