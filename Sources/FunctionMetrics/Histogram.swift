/// Counts of durations, or of sizes, by bucket, and their sum.
public struct Histogram: Hashable, Sendable {
    /// Upper bounds, ascending; those of durations in nanoseconds. Values above the last bound have a bucket of their own.
    public struct Buckets: Hashable, Sendable {
        let bounds: [Int64]
        /// How many units of the bounds are one in the text: durations are shown in seconds.
        let scale: Double

        init(_ bounds: [Int64], scale: Double = 1e9) {
            self.bounds = bounds
            self.scale = scale
        }

        /// From 100 µs to 10 s, for waits.
        public static let waits = Buckets(
            [
                100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
                2_500_000, 5_000_000, 10_000_000,
            ].map { $0 * 1000 }
        )

        /// From 1 s to an hour, for long activities such as streams.
        public static let spans = Buckets([1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600].map { $0 * 1_000_000_000 })

        /// From 1 to 16, for sizes of groups.
        public static let sizes = Buckets([1, 2, 4, 8, 16], scale: 1)
    }

    public let buckets: Buckets
    /// One per bucket, not cumulative; the bucket without a bound is last.
    private(set) var counts: [Int]
    /// Durations in seconds. A `Double`, because the nanoseconds of many streams could overflow an `Int`.
    private(set) var sum = 0.0

    public init(_ buckets: Buckets) {
        self.buckets = buckets
        counts = Array(repeating: 0, count: buckets.bounds.count + 1)
    }

    public var count: Int { counts.reduce(0, +) }

    /// Counts a duration. A negative one, as measured by a clock that was set back, counts as 0.
    public mutating func observe(nanoseconds: Int64) {
        observe(value: max(0, nanoseconds))
    }

    /// Counts a size.
    public mutating func observe(_ size: Int) {
        observe(value: Int64(size))
    }

    private mutating func observe(value: Int64) {
        // A linear search from below, because most values are small.
        let index = buckets.bounds.firstIndex { value <= $0 } ?? buckets.bounds.count
        counts[index] += 1
        sum += Double(value) / buckets.scale
    }

    public mutating func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Adds the counts of `other`, which must have the same buckets.
    mutating func add(_ other: Histogram) {
        precondition(buckets == other.buckets, "histograms of different buckets cannot be added")
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }
}
