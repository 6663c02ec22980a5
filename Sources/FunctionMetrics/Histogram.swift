/// How often durations fell into each of some buckets, and their sum.
public struct Histogram: Hashable, Sendable {
    /// The buckets' upper bounds in nanoseconds, rising; what is above the last has a bucket of its own.
    public struct Buckets: Hashable, Sendable {
        let bounds: [Int64]

        /// Of bounds in nanoseconds, which have to rise.
        init(_ bounds: [Int64]) {
            self.bounds = bounds
        }

        /// From 100 µs to 10 s: what somebody waits for.
        public static let waits = Buckets(
            [
                100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
                2_500_000, 5_000_000, 10_000_000,
            ].map { $0 * 1000 }
        )

        /// From 1 s to an hour: what lasts.
        public static let spans = Buckets([1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600].map { $0 * 1_000_000_000 })
    }

    public let buckets: Buckets
    /// Of each bucket by itself, that without a bound last.
    private(set) var counts: [Int]
    /// In seconds. A double, for nanoseconds of many streams would come to the end of an integer.
    private(set) var sum = 0.0

    public init(_ buckets: Buckets) {
        self.buckets = buckets
        counts = Array(repeating: 0, count: buckets.bounds.count + 1)
    }

    /// How many durations there were.
    public var count: Int { counts.reduce(0, +) }

    /// Counts a duration; one below 0, which a clock that was set back gives, as 0.
    public mutating func observe(nanoseconds: Int64) {
        let duration = max(0, nanoseconds)
        // Most are small, so that a search from below ends soonest.
        let index = buckets.bounds.firstIndex { duration <= $0 } ?? buckets.bounds.count
        counts[index] += 1
        sum += Double(duration) / 1e9
    }

    /// Counts a duration.
    public mutating func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Adds what another one of the same buckets has counted.
    mutating func add(_ other: Histogram) {
        precondition(buckets == other.buckets, "histograms of different buckets cannot be added")
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }
}
