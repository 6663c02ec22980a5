import FunctionCore
import FunctionMetrics
import FunctionRuntime
import StreamTokens
import StreamTokensRedemption
import StreamTokensRedemptionWiring
import StreamTokensStreamFunction

/// Turns the stream function's events into metrics, audit lines, and a log line for each stream that ended early.
enum StreamReport {
    static func report(for context: LoopContext) -> StreamFunction.Report {
        let metrics = context.metrics.map(StreamMetrics.init)
        let log = context.log
        return { event in
            metrics?.count(event)
            write(event, to: log)
        }
    }

    private static func write(_ event: StreamEvent, to log: Log) {
        switch event.kind {
        case .opened(let stream, _):
            log.audit("redemption", event.origin) {
                $0.member(stream.token)
                $0.member("key", stream.keyID)
            }
        case .refused(let refusal, let token, let cause):
            log.audit("refusal", event.origin) {
                $0.member("code", refusal.rawValue)
                if let token { $0.member(token) }
                if let cause { $0.member("cause", cause) }
            }
        case .failed(let stream, let refusal, let status, let cause):
            log.audit("refusal", event.origin) {
                $0.member("code", refusal.rawValue)
                $0.member(stream.token)
                $0.member("status", status)
                if let cause { $0.member("cause", cause) }
            }
            // The request's own line has the status 200.
            log.write(refusal == .clientGone ? .info : .warning, "stream ended before its workflow began") {
                $0.member("request_id", event.origin.requestID)
                $0.member("trace_id", event.origin.traceID)
                $0.member("code", refusal.rawValue)
                $0.member("status", status)
                if let cause { $0.member("cause", cause) }
            }
        case .released(let token, let wasCommitting):
            log.audit("release", event.origin) {
                $0.member(token)
                $0.member("was_committing", wasCommitting)
            }
        case .resumed(let token, let after):
            log.audit("resumption", event.origin) {
                $0.member(token)
                $0.member("after", after)
            }
        case .unlogged(let stream, let cause):
            log.write(.warning, "stream cannot be resumed") {
                $0.member("request_id", event.origin.requestID)
                $0.member(stream.token)
                $0.member("cause", cause)
            }
        case .ended(let early?, let cause, _):
            if early == .revoked {
                log.audit("revocation", event.origin) {
                    if let cause { $0.member("cause", cause) }
                }
            }
            // A client that goes away is normal.
            log.write(early == .interrupted ? .info : .warning, "stream ended early") {
                $0.member("request_id", event.origin.requestID)
                $0.member("trace_id", event.origin.traceID)
                $0.member("code", early.rawValue)
                if let cause { $0.member("cause", cause) }
            }
        case .ended(nil, _, _), .waiting, .unsettled: break
        }
    }
}

/// Counts one loop's redemptions and streams, on its thread.
final class StreamMetrics: @unchecked Sendable {
    // Unchecked: it is touched only on the loop's thread.
    private var opened = 0
    private var ended = 0
    /// Streams that were opened at once and whose workflow has not begun.
    private var waiting: Set<Attempt> = []
    private var refusals: [StreamRefusal: Int] = [:]
    private var earlyEnds: [EarlyEnd: Int] = [:]
    private var unsettled = 0
    private var resumptions = 0
    private var unlogged = 0
    private var releasedCommits = 0
    private var opening = Histogram(.waits)
    private var duration = Histogram(.spans)

    init(_ metrics: LoopMetrics) {
        metrics.add { self.add(to: &$0) }
    }

    func count(_ event: StreamEvent) {
        switch event.kind {
        case .refused(let refusal, _, _): refusals[refusal, default: 0] += 1
        case .waiting(let stream): waiting.insert(stream.attempt)
        case .failed(let stream, let refusal, _, _):
            waiting.remove(stream.attempt)
            refusals[refusal, default: 0] += 1
        case .opened(let stream, let after):
            waiting.remove(stream.attempt)
            opened += 1
            opening.observe(after)
        case .ended(let early, _, let lasted):
            ended += 1
            if let early { earlyEnds[early, default: 0] += 1 }
            duration.observe(lasted)
        case .resumed: resumptions += 1
        case .unlogged: unlogged += 1
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
        reading.add(.waiting, waiting.count)
        reading.add(.open, opened - ended)
        reading.add(.ended, ended - earlyEnds.values.reduce(0, +), ("ending", "complete"))
        for early in EarlyEnd.allCases { reading.add(.ended, earlyEnds[early] ?? 0, ("ending", early.rawValue)) }
        reading.add(.resumptions, resumptions)
        reading.add(.unlogged, unlogged)
        reading.add(.opening, opening)
        reading.add(.duration, duration)
    }
}

extension Metric {
    fileprivate static let redemptions = Metric(
        "redemptions_total",
        .counter,
        "Requests for a stream, by outcome; committed: the token is used and the stream opened."
    )
    fileprivate static let creditsCharged = Metric(
        "credits_charged_total",
        .counter,
        "Credits charged, one for each stream that opened, also for organizations with unlimited credits."
    )
    fileprivate static let creditsReleased = Metric(
        "credits_released_total",
        .counter,
        "Commits of unknown outcome that were undone: if they charged a credit, it was given back."
    )
    fileprivate static let unsettled = Metric(
        "attempts_unsettled",
        .gauge,
        "Attempts that may hold or have used a token because Redis did not reply, and are still to be released."
    )
    fileprivate static let waiting = Metric(
        "streams_waiting",
        .gauge,
        "Streams that were opened at once and wait for their workflow's first output: their tokens are only reserved."
    )
    fileprivate static let open = Metric("streams_open", .gauge, "Open streams, whose tokens are used.")
    fileprivate static let ended = Metric("streams_ended_total", .counter, "Streams that have ended, by ending.")
    fileprivate static let resumptions = Metric(
        "resumptions_total",
        .counter,
        "Times that a client took up a stream again where it had stopped."
    )
    fileprivate static let unlogged = Metric(
        "streams_unlogged_total",
        .counter,
        "Streams that cannot be resumed, though they should be: the store took no log, or the log was lost."
    )
    fileprivate static let opening = Metric(
        "stream_opening_seconds",
        .histogram,
        "From a request to the commit of its token, which waits for the workflow's first output."
    )
    fileprivate static let duration = Metric("stream_duration_seconds", .histogram, "How long streams lasted.")
}
