import FunctionEventLoop

/// A clock that only moves when told to. Milliseconds since 1970.
public struct ManualClock: Sendable {
    private let time: Lock<Int>

    public init(_ start: Int = 1_700_000_000_000) {
        time = Lock(start)
    }

    public var now: Int { time.withLock { $0 } }

    public func advance(_ milliseconds: Int) {
        time.withLock { $0 += milliseconds }
    }
}
