import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionMetrics

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
