import FunctionCore
import FunctionEventLoop
import FunctionHTTP
public import FunctionMetrics

/// One loop's counts, for `/metrics`.
///
/// It is confined to its loop's thread, and so are its sources: counting is a plain addition, without a lock.
public final class LoopMetrics: @unchecked Sendable {
    // Unchecked: `sources` is touched only before the loop runs and on the loop's thread.
    private var sources: [@Sendable (inout MetricsReading) -> Void] = []

    init() {}

    /// Calls `source` at each reading, on the loop's thread; it adds its counts since the start of the process.
    public func add(_ source: @escaping @Sendable (inout MetricsReading) -> Void) {
        sources.append(source)
    }

    func read() -> MetricsReading {
        var reading = MetricsReading()
        for source in sources { source(&reading) }
        return reading
    }
}

/// Measures ten times a second how late a loop runs its timers: a handler that keeps the thread, or too little
/// processor time, makes it late.
final class LoopLag: @unchecked Sendable {
    // Unchecked: it is touched only on the loop's thread.
    private var timer: Timer?
    private var due = Instant.now
    private var lags = Histogram(.waits)

    private static let interval = Interval.milliseconds(100)

    /// Starts with the loop, and lives as long as `metrics`.
    init(of loop: EventLoop, _ metrics: LoopMetrics) {
        metrics.add { $0.add(.loopLag, self.lags) }
        timer = Timer(on: loop) { [weak self] in self?.cameUp() }
        loop.start { [weak self] in self?.wait() }
    }

    private func cameUp() {
        lags.observe(nanoseconds: (Instant.now - due).nanoseconds)
        wait()
    }

    private func wait() {
        due = .now + Self.interval
        timer?.deadline = due
    }
}

extension Metric {
    fileprivate static let loopLag = Metric(
        "loop_lag_seconds",
        .histogram,
        "How late event loops run their timers, measured ten times a second on each loop."
    )
}

/// Counts the requests of one loop, on its thread.
final class RequestMetrics: @unchecked Sendable {
    // Unchecked: it is touched only on the loop's thread.
    private var byStatus: [Int: Int] = [:]
    private var duration = Histogram(.waits)

    init(_ metrics: LoopMetrics) {
        metrics.add { reading in
            for (status, count) in self.byStatus { reading.add(.requests, count, ("status", "\(status)")) }
            reading.add(.requestDuration, self.duration)
        }
    }

    func count(_ exchange: Exchange) {
        byStatus[exchange.response.status.code, default: 0] += 1
        // The duration of a stream depends on its workflow and its client.
        if case .stream(_, _) = exchange.response.body.storage { return }
        duration.observe(nanoseconds: exchange.duration.nanoseconds)
    }
}

extension Metric {
    fileprivate static let requests = Metric(
        "requests_total",
        .counter,
        "Requests completed, without those for health, by status."
    )
    fileprivate static let requestDuration = Metric(
        "request_duration_seconds",
        .histogram,
        "From a request's head to its response's last byte, without responses that are streamed."
    )
}
