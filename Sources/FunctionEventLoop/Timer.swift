/// Calls back when a deadline has passed. The deadline may be moved at every request: to move it later is a store.
///
/// Lives on its loop's thread.
public final class Timer {
    private unowned let loop: EventLoop
    private var action: (() -> Void)?
    /// The earliest entry in the loop's queue, which may be before `deadline`: it is then queued again when it comes up.
    private var queuedAt: Instant?

    /// Calls `action` back on the loop, first at `deadline`; it is released by ``cancel()``.
    public init(on loop: EventLoop, at deadline: Instant? = nil, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
        self.deadline = deadline
        if let deadline { queue(at: deadline) }
    }

    /// When to call back; nil is never. Firing resets it.
    public var deadline: Instant? {
        didSet {
            guard let deadline, queuedAt.map({ deadline < $0 }) ?? true else { return }
            queue(at: deadline)
        }
    }

    /// Never calls back again.
    public func cancel() {
        deadline = nil
        action = nil
    }

    private func queue(at deadline: Instant) {
        queuedAt = deadline
        loop.timers.insert(self, at: deadline)
    }

    /// The queue's entry for `queued` has come up.
    func cameUp(queued: Instant, now: Instant) {
        // An entry that an earlier deadline has overtaken.
        guard queued == queuedAt else { return }
        queuedAt = nil
        guard let deadline else { return }
        guard deadline <= now else { return queue(at: deadline) }
        self.deadline = nil
        action?()
    }
}

extension EventLoop {
    /// Waits until `deadline`.
    public func sleep(until deadline: Instant) async {
        // Resumed exactly once: a timer fires once.
        await withUnsafeContinuation { continuation in
            _ = Timer(on: self, at: deadline) { continuation.resume() }
        }
    }
}

/// A loop's timers, the next one first: a binary heap.
struct TimerQueue {
    private struct Entry {
        let deadline: Instant
        let timer: Timer
    }

    private var heap: [Entry] = []

    mutating func insert(_ timer: Timer, at deadline: Instant) {
        heap.append(Entry(deadline: deadline, timer: timer))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// How long epoll may wait: rounded up, so that the timer is due when it returns; -1 is for ever.
    func millisecondsToNext(from now: Instant) -> Int32 {
        guard let first = heap.first else { return -1 }
        let wait = (first.deadline - now).nanoseconds
        return wait <= 0 ? 0 : Int32(clamping: (wait + 999_999) / 1_000_000)
    }

    mutating func popDue(at now: Instant) -> (timer: Timer, deadline: Instant)? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].deadline < heap[least].deadline { least = child }
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.timer, first.deadline)
    }
}
