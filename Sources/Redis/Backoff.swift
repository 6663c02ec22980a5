internal import EventLoop

/// How long to wait before the next try to connect.
enum Backoff {
    /// At once after a connection that worked; then from 10 ms, doubling to 500 ms, less up to the half of it by chance.
    static func delay(failures: Int, random: UInt64) -> Interval {
        guard failures > 0 else { return .seconds(0) }
        let longest = min(500_000, 10_000 << min(failures - 1, 10))
        let microseconds = longest - Int(random % UInt64(longest / 2))
        return Interval(nanoseconds: Int64(microseconds) * 1000)
    }
}
