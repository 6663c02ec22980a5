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
