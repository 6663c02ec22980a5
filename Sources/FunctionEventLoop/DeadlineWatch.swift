import Glibc

/// Calls back on a separate thread when something was not done in time, even if that blocks its loop.
///
/// The thread starts with the first deadline and never ends. Any thread may use this.
public final class DeadlineWatch: Sendable {
    private let state = Lock(State())
    private let wakeup: Wakeup
    private let expired: @Sendable (_ number: Int) -> Void

    private struct State {
        var deadlines: [Int: Instant] = [:]
        /// The thread does not check deadlines before this.
        var sleepsUntil = Instant.forever
        var hasThread = false
    }

    /// Calls `expired` once for each deadline that has passed, without holding the lock.
    public init(expired: @escaping @Sendable (_ number: Int) -> Void) throws(SystemError) {
        wakeup = try Wakeup()
        self.expired = expired
    }

    /// Expects ``unwatch(_:)`` with the same number before `deadline`. A new deadline replaces the number's old one.
    public func watch(_ number: Int, until deadline: Instant) {
        state.withLock { state in
            state.deadlines[number] = deadline
            if !state.hasThread {
                // Without a thread nothing is watched, but the rest still works: the next call tries again.
                state.hasThread = (try? SystemThread.start { self.run() }) != nil
            } else if deadline < state.sleepsUntil {
                // Signal only if needed, since it costs a thread switch: usually the thread wakes earlier anyway, for a
                // deadline that was met.
                state.sleepsUntil = deadline
                wakeup.signal()
            }
        }
    }

    /// Removes the deadline, because the work was done in time.
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
