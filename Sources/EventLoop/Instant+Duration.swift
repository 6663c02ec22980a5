/// The standard library's measures of time, for what is asked for rarely.
extension Instant: InstantProtocol {
    public func advanced(by duration: Duration) -> Instant {
        self + Interval(duration)
    }

    public func duration(to other: Instant) -> Duration {
        .nanoseconds((other - self).nanoseconds)
    }
}

extension Interval {
    /// The same length, clamped to the 292 years that there are.
    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        self.init(nanoseconds: overflow || sumOverflow ? (seconds < 0 ? .min : .max) : sum)
    }
}
