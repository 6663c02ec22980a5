import FunctionEventLoop

/// Has what comes again and again told at most once a minute, with its count.
struct OncePerMinute {
    private static let pause = Interval.seconds(60)

    private var last: Instant?
    private var count = 0

    /// How often it has come since it was told last, this time included; nil if it is not to be told now.
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
