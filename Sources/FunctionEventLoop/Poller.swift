import CFunctionLinux
import Glibc
import Synchronization

/// The owner of a watched descriptor.
protocol Pollable: AnyObject {
    /// `events` is epoll_ctl(2)'s bit set.
    func becameReady(_ events: UInt32)
}

/// An epoll instance and the owners of the descriptors that it watches.
final class Poller {
    private let descriptor: Int32
    /// An epoll event carries a slot's index and its generation. So a descriptor's event is ignored if the descriptor was
    /// closed earlier in the same turn.
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
    private var readyCount = 0

    private struct Slot {
        var generation: UInt32 = 0
        var pollable: (any Pollable)?
    }

    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("epoll_create1") }
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    /// Watches `file` and retains `pollable` until ``remove(slot:)`` is called with the slot that this returns.
    @discardableResult
    func add(_ file: Int32, events: UInt32, _ pollable: any Pollable) throws(SystemError) -> Int {
        let slot = freeSlots.last ?? slots.count
        let generation = slot < slots.count ? slots[slot].generation : 0
        var event = epoll_event()
        event.events = events
        event.data.u64 = UInt64(slot) | UInt64(generation) << 32
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, file, &event) == 0 else { throw SystemError("epoll_ctl") }
        if slot == slots.count {
            slots.append(Slot(pollable: pollable))
        } else {
            freeSlots.removeLast()
            slots[slot].pollable = pollable
        }
        return slot
    }

    /// Frees the slot. The caller closes the descriptor next, which removes it from epoll.
    func remove(slot: Int) {
        slots[slot].pollable = nil
        slots[slot].generation &+= 1
        freeSlots.append(slot)
    }

    /// Frees the slot and removes `file`, which stays open, from epoll: otherwise every wait would report it.
    func remove(_ file: Int32, slot: Int) {
        // Fails only for a file that is not watched.
        epoll_ctl(descriptor, EPOLL_CTL_DEL, file, nil)
        remove(slot: slot)
    }

    /// Waits until a descriptor is ready; -1 waits without end.
    func wait(milliseconds: Int32) {
        readyCount = Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), milliseconds))
    }

    /// Notifies the owners of the descriptors that the last wait found ready.
    func deliver() {
        guard readyCount > 0 else { return }
        for index in 0..<readyCount {
            let event = events[index]
            let slot = slots[Int(truncatingIfNeeded: event.data.u64 & 0xFFFF_FFFF)]
            guard slot.generation == UInt32(truncatingIfNeeded: event.data.u64 >> 32) else { continue }
            slot.pollable?.becameReady(event.events)
        }
    }
}

/// Ends a loop's wait from another thread (eventfd(2)).
final class Wakeup: Pollable, Sendable {
    let descriptor: Int32
    /// Whether the loop has not yet seen a signal; later signals then need no system call.
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

    /// Returns whether there was a signal since the last call.
    func takeSignal() -> Bool {
        isSignalled.load(ordering: .relaxed) && isSignalled.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// Blocks the calling thread until there is a signal and takes it; waits at most `limit`, rounded up to milliseconds.
    func wait(atMost limit: Interval) {
        let milliseconds = limit.nanoseconds / 1_000_000 + (limit.nanoseconds % 1_000_000 > 0 ? 1 : 0)
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // A limit that does not fit the parameter is treated as no limit.
        _ = Glibc.poll(&poll, 1, milliseconds > Int64(Int32.max) ? -1 : Int32(milliseconds))
        // In this order: a signal in between writes nothing to the eventfd, but the caller has not yet looked at the
        // change that it announces.
        becameReady(EPOLLIN.rawValue)
        _ = takeSignal()
    }

    func becameReady(_ events: UInt32) {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
