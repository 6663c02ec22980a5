import Synchronization

/// The bytes of the logs of a process, which its loops share. A log that would exceed the limit is given up: its stream
/// goes on, but cannot be resumed.
package final class LogBudget: Sendable {
    private let used = Atomic<Int>(0)
    private let limit: Int

    /// At most `limit` bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// The bytes in use.
    package var byteCount: Int { used.load(ordering: .relaxed) }

    /// Whether no further stream should have a log.
    var isFull: Bool { byteCount >= limit }

    /// Counts bytes; false if there is no room for them.
    func take(_ bytes: Int) -> Bool {
        guard used.wrappingAdd(bytes, ordering: .relaxed).newValue > limit else { return true }
        give(bytes)
        return false
    }

    func give(_ bytes: Int) {
        used.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
