import FunctionEventLoop

/// The time that a store goes by. It stands still until the test moves it on: an expiry needs no waiting.
public struct TestClock: Sendable {
    /// 2026-01-01T00:00:00Z, where a window of any whole number of seconds up to a minute begins.
    package static let start = 1_767_225_600_000

    private let time: Lock<Int>

    /// Begins so many seconds before.
    package init(secondsBefore: Int = 0) {
        time = Lock(Self.start - secondsBefore * 1000)
    }

    /// Milliseconds since 1970.
    public var now: Int { time.withLock { $0 } }

    /// Moves it on, by whole milliseconds.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "the store's time does not go back")
        time.withLock { $0 += duration.interval.milliseconds }
    }
}
