import FunctionCore
import FunctionMetrics
import FunctionRuntime
import StreamTokens
import StreamTokensTokenFunction

/// Turns the token function's events into metrics and audit lines.
enum TokenReport {
    /// Nil if neither metrics nor the audit are on; then a mint makes no event.
    static func report(for context: LoopContext) -> TokenFunction.Report? {
        let metrics = context.metrics.map(TokenMetrics.init)
        let log = context.log
        guard metrics != nil || log.audit == .on else { return nil }
        return { event, request in
            metrics?.count(event)
            if log.audit == .on { write(event, of: request, to: log) }
        }
    }

    private static func write(_ event: TokenEvent, of request: Request, to log: Log) {
        let traceID = request.trace?.traceID
        switch event {
        case .minted(let token, let key, let ttl, let user):
            log.audit("mint", requestID: request.id, traceID: traceID, client: request.clientAddress) {
                $0.member("organization_tag", key.tag.text)
                $0.member("key", key.id)
                $0.member("token", token.id)
                $0.member("ttl", ttl)
                if let user { $0.member("end_user", user) }
            }
        case .refused(let refusal, let key):
            log.audit("refusal", requestID: request.id, traceID: traceID, client: request.clientAddress) {
                $0.member("code", refusal.rawValue)
                if let key {
                    $0.member("organization_tag", key.tag.text)
                    $0.member("key", key.id)
                }
            }
        }
    }
}

/// Counts one loop's mints and refusals, on its thread.
final class TokenMetrics: @unchecked Sendable {
    // Unchecked: it is touched only on the loop's thread.
    private var mints = 0
    private var refusals: [MintRefusal: Int] = [:]

    init(_ metrics: LoopMetrics) {
        metrics.add { self.add(to: &$0) }
    }

    func count(_ event: TokenEvent) {
        switch event {
        case .minted: mints += 1
        case .refused(let refusal, _): refusals[refusal, default: 0] += 1
        }
    }

    private func add(to reading: inout MetricsReading) {
        reading.add(.mints, mints)
        for refusal in MintRefusal.allCases {
            reading.add(.mintRefusals, refusals[refusal] ?? 0, ("reason", refusal.rawValue))
        }
    }
}

extension Metric {
    fileprivate static let mints = Metric("mints_total", .counter, "Tokens minted.")
    fileprivate static let mintRefusals = Metric(
        "mint_refusals_total",
        .counter,
        "Requests for a token refused, by reason."
    )
}
