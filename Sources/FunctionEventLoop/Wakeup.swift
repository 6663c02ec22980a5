import CFunctionLinux
import Glibc
import Synchronization

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

    /// Blocks the calling thread until there is a signal, which is taken; at most so long, rounded up to milliseconds.
    func wait(atMost limit: Interval) {
        let milliseconds = limit.nanoseconds / 1_000_000 + (limit.nanoseconds % 1_000_000 > 0 ? 1 : 0)
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Longer than the number of a call can be is as good as for ever.
        _ = Glibc.poll(&poll, 1, milliseconds > Int64(Int32.max) ? -1 : Int32(milliseconds))
        // In this order: a signal in between writes nothing, but what it tells of is not looked at yet either.
        becameReady(EPOLLIN.rawValue)
        _ = takeSignal()
    }

    func becameReady(_ events: UInt32) {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
