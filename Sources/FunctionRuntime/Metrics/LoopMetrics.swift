import FunctionCore
import FunctionEventLoop
import FunctionHTTP
public import FunctionMetrics

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

/// Measures ten times a second how late a loop gets to what is due: the sign of a handler that keeps its thread, or of
/// too little processor.
final class LoopLag: @unchecked Sendable {
    // Unchecked: it is touched on the loop's thread alone.
    private var timer: Timer?
    private var due = Instant.now
    private var lags = Histogram(.waits)

    private static let interval = Interval.milliseconds(100)

    /// Begins when the loop runs, and ends with `metrics`.
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
        "How late event loops get to what is due, looked at ten times a second on each."
    )
}

/// Counts the requests of one loop, on whose thread it lives.
final class RequestMetrics: @unchecked Sendable {
    // Unchecked: it is touched on the loop's thread alone.
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
        // How long a stream lasts is its workflow's and its client's affair.
        if case .stream(_, _) = exchange.response.body.storage { return }
        duration.observe(nanoseconds: exchange.duration.nanoseconds)
    }
}

extension Metric {
    fileprivate static let requests = Metric(
        "requests_total",
        .counter,
        "Requests that were answered, but for health's, by status."
    )
    fileprivate static let requestDuration = Metric(
        "request_duration_seconds",
        .histogram,
        "From a request's head to its answer's last byte; answers that are streamed are left out."
    )
}
