import FunctionRuntime
import Metrics
import TokenFunction

/// Counts one loop's mints and refusals, on its thread.
final class TokenMetrics: @unchecked Sendable {
    // Unchecked: it is touched on the loop's thread alone.
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
    fileprivate static let mints = Metric("mints_total", .counter, "Tokens that were minted.")
    fileprivate static let mintRefusals = Metric(
        "mint_refusals_total",
        .counter,
        "Requests for a token that were refused, by reason."
    )
}
