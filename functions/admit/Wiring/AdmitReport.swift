import FunctionCore
import FunctionEventLoop
import FunctionMetrics
import FunctionRuntime
import StreamTokens
import StreamTokensAdmitFunction
import StreamTokensRedemption
import StreamTokensRedemptionWiring

/// Turns the admit function's events into metrics, audit lines, and a warning for each mistake in the proxy's settings.
enum AdmitReport {
    static func report(for context: LoopContext) -> AdmitFunction.Report {
        let metrics = context.metrics.map(AdmitMetrics.init)
        let log = context.log
        let told = Lock<Set<ProxyFault>>([])
        return { event in
            metrics?.count(event)
            switch event.kind {
            case .admitted(let reservation):
                log.audit("admission", event.origin) {
                    $0.member(reservation.stream.token)
                    $0.member("key", reservation.stream.keyID)
                }
            case .refused(let refusal, let token, let cause):
                log.audit("refusal", event.origin) {
                    $0.member("code", refusal.rawValue)
                    if let token { $0.member(token) }
                    if let cause { $0.member("cause", cause) }
                }
            case .released(let token, let wasCommitting):
                log.audit("release", event.origin) {
                    $0.member(token)
                    $0.member("was_committing", wasCommitting)
                }
            case .proxyFault(let fault):
                // Once: every request would have it.
                guard told.withLock({ $0.insert(fault).inserted }) else { return }
                log.write(.warning, "proxy") { $0.member("cause", fault.description) }
            case .unsettled: break
            }
        }
    }
}

/// Counts one loop's admissions, on its thread.
final class AdmitMetrics: @unchecked Sendable {
    // Unchecked: it is touched only on the loop's thread.
    private var admitted = 0
    private var refusals: [StreamRefusal: Int] = [:]
    private var unsettled = 0
    private var releasedCommits = 0

    init(_ metrics: LoopMetrics) {
        metrics.add { self.add(to: &$0) }
    }

    func count(_ event: AdmitEvent) {
        switch event.kind {
        case .admitted: admitted += 1
        case .refused(let refusal, _, _): refusals[refusal, default: 0] += 1
        case .unsettled: unsettled += 1
        case .released(_, let wasCommitting):
            unsettled -= 1
            if wasCommitting { releasedCommits += 1 }
        case .proxyFault: break
        }
    }

    private func add(to reading: inout MetricsReading) {
        reading.add(.admissions, admitted, ("outcome", "admitted"))
        for refusal in AdmitEvent.refusals {
            reading.add(.admissions, refusals[refusal] ?? 0, ("outcome", refusal.rawValue))
        }
        reading.add(.creditsReleased, releasedCommits)
        reading.add(.unsettled, unsettled)
    }
}

extension Metric {
    fileprivate static let admissions = Metric(
        "admissions_total",
        .counter,
        "Questions of proxies, by outcome; admitted: the token is used and the request may pass."
    )
    fileprivate static let creditsReleased = Metric(
        "credits_released_total",
        .counter,
        "Admissions of unknown outcome that were undone: if they charged a credit, it was given back."
    )
    fileprivate static let unsettled = Metric(
        "attempts_unsettled",
        .gauge,
        "Attempts that may have used a token because Redis did not reply, and are still to be released."
    )
}
