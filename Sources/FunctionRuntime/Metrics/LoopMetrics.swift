public import Metrics

/// What one loop has counted, for whoever asks for `/metrics`.
///
/// Lives on its loop's thread, as all that is added to it does: to count is a plain addition, without a lock.
public final class LoopMetrics: @unchecked Sendable {
    // Unchecked: `sources` is touched on the loop's thread alone, and before the loop runs.
    private var sources: [@Sendable (inout MetricsReading) -> Void] = []

    init() {}

    /// Has `source` asked at each reading, on the loop's thread, for what it has counted since the process' start.
    public func add(_ source: @escaping @Sendable (inout MetricsReading) -> Void) {
        sources.append(source)
    }

    func read() -> MetricsReading {
        var reading = MetricsReading()
        for source in sources { source(&reading) }
        return reading
    }
}
