import FunctionRuntime
import Metrics
import StreamFunction

/// Counts one loop's redemptions and streams, on its thread.
final class StreamMetrics: @unchecked Sendable {
    // Unchecked: it is touched on the loop's thread alone.
    private var opened = 0
    private var ended = 0
    private var refusals: [StreamRefusal: Int] = [:]
    private var earlyEnds: [EarlyEnd: Int] = [:]
    private var unsettled = 0
    private var releasedCommits = 0
    private var opening = Histogram(.waits)
    private var duration = Histogram(.spans)

    init(_ metrics: LoopMetrics) {
        metrics.add { self.add(to: &$0) }
    }

    func count(_ event: StreamEvent) {
        switch event.kind {
        case .refused(let refusal, _, _): refusals[refusal, default: 0] += 1
        case .opened(_, let after):
            opened += 1
            opening.observe(after)
        case .ended(let early, _, let lasted):
            ended += 1
            if let early { earlyEnds[early, default: 0] += 1 }
            duration.observe(lasted)
        case .unsettled: unsettled += 1
        case .released(_, let wasCommitting):
            unsettled -= 1
            if wasCommitting { releasedCommits += 1 }
        }
    }

    private func add(to reading: inout MetricsReading) {
        reading.add(.redemptions, opened, ("outcome", "committed"))
        for refusal in StreamRefusal.allCases {
            reading.add(.redemptions, refusals[refusal] ?? 0, ("outcome", refusal.rawValue))
        }
        reading.add(.creditsCharged, opened)
        reading.add(.creditsReleased, releasedCommits)
        reading.add(.unsettled, unsettled)
        reading.add(.open, opened - ended)
        reading.add(.ended, ended - earlyEnds.values.reduce(0, +), ("ending", "complete"))
        for early in EarlyEnd.allCases { reading.add(.ended, earlyEnds[early] ?? 0, ("ending", early.rawValue)) }
        reading.add(.opening, opening)
        reading.add(.duration, duration)
    }
}

extension Metric {
    fileprivate static let redemptions = Metric(
        "redemptions_total",
        .counter,
        "Requests for a stream, by what came of them; committed: the token is spent and the stream opened."
    )
    fileprivate static let creditsCharged = Metric(
        "credits_charged_total",
        .counter,
        "Credits charged, one for each stream that opened; those of organizations with unlimited credits too."
    )
    fileprivate static let creditsReleased = Metric(
        "credits_released_total",
        .counter,
        "Commits of unknown outcome that were undone: whatever credit they charged is given back."
    )
    fileprivate static let unsettled = Metric(
        "attempts_unsettled",
        .gauge,
        "Attempts whose reservation or commit got no answer, and which are still to be given back."
    )
    fileprivate static let open = Metric("streams_open", .gauge, "Streams that are open.")
    fileprivate static let ended = Metric("streams_ended_total", .counter, "Streams that have ended, by how.")
    fileprivate static let opening = Metric(
        "stream_opening_seconds",
        .histogram,
        "From a request to its stream's opening, which waits for the workflow's first output."
    )
    fileprivate static let duration = Metric("stream_duration_seconds", .histogram, "How long streams lasted.")
}
