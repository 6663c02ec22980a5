import Glibc

/// Tells on a thread of its own when something was not done in time: also where that keeps its loop from running.
///
/// The thread starts when there is something to watch, and ends never. From any thread.
public final class DeadlineWatch: Sendable {
    private let state = Lock(State())
    private let wakeup: Wakeup
    private let expired: @Sendable (_ number: Int) -> Void

    private struct State {
        var deadlines: [Int: Instant] = [:]
        /// Until when the thread does not look.
        var sleepsUntil = Instant.forever
        var hasThread = false
    }

    /// `expired` is called, with the lock not held, once for each deadline that has passed.
    public init(expired: @escaping @Sendable (_ number: Int) -> Void) throws(SystemError) {
        wakeup = try Wakeup()
        self.expired = expired
    }

    /// Watches that ``unwatch(_:)`` is called before `deadline`; one deadline for each number.
    public func watch(_ number: Int, until deadline: Instant) {
        state.withLock { state in
            state.deadlines[number] = deadline
            if !state.hasThread {
                // Without a thread nothing is watched, which is no reason to end what works: the next call tries again.
                state.hasThread = (try? SystemThread.start { self.run() }) != nil
            } else if deadline < state.sleepsUntil {
                // Mostly it wakes before that anyway, for a deadline that was met: this costs a switch of threads.
                state.sleepsUntil = deadline
                wakeup.signal()
            }
        }
    }

    /// It was done in time.
    public func unwatch(_ number: Int) {
        state.withLock { $0.deadlines[number] = nil }
    }

    private func run() {
        while true {
            let (overdue, sleep) = state.withLock { state in
                let now = Instant.now
                let overdue = state.deadlines.filter { $0.value <= now }.keys.sorted()
                for number in overdue { state.deadlines[number] = nil }
                state.sleepsUntil = state.deadlines.values.min() ?? .forever
                return (overdue, state.sleepsUntil - now)
            }
            for number in overdue { expired(number) }
            if overdue.isEmpty { wakeup.wait(atMost: sleep) }
        }
    }
}
