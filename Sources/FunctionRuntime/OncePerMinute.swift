import FunctionEventLoop

/// Limits reports of a recurring event to one a minute, each with the number of times it happened.
struct OncePerMinute {
    private static let pause = Interval.seconds(60)

    private var last: Instant?
    private var count = 0

    /// Counts one event. Returns the number since the last report, this one included; nil if no report is due.
    mutating func count(at now: Instant) -> Int? {
        count += 1
        if let last, now - last < Self.pause { return nil }
        defer {
            last = now
            count = 0
        }
        return count
    }
}
