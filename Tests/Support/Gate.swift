import Foundation
public import FunctionEventLoop

/// An event that happens once, for which a test's threads and tasks wait. No wait is longer than thirty seconds.
public final class Gate: @unchecked Sendable {
    // Unchecked: `time` is only accessed with the condition held.
    private let condition = NSCondition()
    private var time: Instant?

    public init() {}

    /// Whether the gate was opened within `limit` of `start`, even if the waiting thread noticed it later.
    public func wasOpened(within limit: Interval, of start: Instant) -> Bool {
        condition.withLock { time.map { $0 - start < limit } ?? false }
    }

    /// Lets everybody through, now and later.
    public func open() {
        condition.withLock {
            time = time ?? .now
            condition.broadcast()
        }
    }

    /// Blocks the calling thread until the gate is open; false if that takes too long.
    @discardableResult
    public func waitBlocking() -> Bool {
        let limit = Date(timeIntervalSinceNow: 30)
        return condition.withLock {
            while time == nil, condition.wait(until: limit) {}
            return time != nil
        }
    }

    /// Waits until the gate is open; false if that takes too long.
    public func opened() async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.waitBlocking()) }
        }
    }
}
