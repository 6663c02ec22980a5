import EventLoop
import Metrics

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
        metrics.add { self.add(to: &$0) }
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

    private func add(to reading: inout MetricsReading) {
        reading.add(.loopLag, lags)
    }
}

extension Metric {
    fileprivate static let loopLag = Metric(
        "loop_lag_seconds",
        .histogram,
        "How late event loops get to what is due, looked at ten times a second on each."
    )
}
