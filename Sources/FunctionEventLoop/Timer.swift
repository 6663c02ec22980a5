/// Calls back when a deadline has passed. Moving the deadline later is a mere store, cheap enough for every request.
///
/// Lives on its loop's thread.
public final class Timer {
    private unowned let loop: EventLoop
    private var action: (() -> Void)?
    /// The earliest entry in the loop's queue. It may be before `deadline`; the timer is then queued again when it is due.
    private var queuedAt: Instant?

    /// Calls `action` on the loop at `deadline`. ``cancel()`` releases it.
    public init(on loop: EventLoop, at deadline: Instant? = nil, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
        self.deadline = deadline
        if let deadline { queue(at: deadline) }
    }

    /// When to call back; nil means never. Firing resets it to nil.
    public var deadline: Instant? {
        didSet {
            guard let deadline, queuedAt.map({ deadline < $0 }) ?? true else { return }
            queue(at: deadline)
        }
    }

    public func cancel() {
        deadline = nil
        action = nil
    }

    private func queue(at deadline: Instant) {
        queuedAt = deadline
        loop.timers.insert(self, at: deadline)
    }

    /// The queue's entry for `queued` is due.
    func cameUp(queued: Instant, now: Instant) {
        // Otherwise the deadline was moved earlier after this entry was queued, and a newer entry has replaced it.
        guard queued == queuedAt else { return }
        queuedAt = nil
        guard let deadline else { return }
        guard deadline <= now else { return queue(at: deadline) }
        self.deadline = nil
        action?()
    }
}

extension EventLoop {
    /// Waits until `deadline`, even if the task is cancelled.
    public func sleep(until deadline: Instant) async {
        // Resumed exactly once: a timer fires once.
        await withUnsafeContinuation { continuation in
            _ = Timer(on: self, at: deadline) { continuation.resume() }
        }
    }
}

/// A loop's timers in a binary heap, the next one first.
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

    /// How long epoll may wait, rounded up so that the timer is due afterwards; -1 means without end.
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
