/// What a metric is called and what it means, as Prometheus has it.
///
/// Names follow its conventions (https://prometheus.io/docs/practices/naming/): base units, `_total` for counters.
public struct Metric: Hashable, Sendable {
    public enum Kind: String, Sendable {
        /// Only rises, from 0 at the process' start.
        case counter
        /// As it stands at the moment.
        case gauge
        /// How often durations fell into each bucket.
        case histogram
    }

    public let name: String
    public let kind: Kind
    /// For people, in one sentence.
    public let help: String

    /// A metric of this package, whose name gets the prefix `stream_token_`.
    public init(_ name: String, _ kind: Kind, _ help: String) {
        self.init(fullName: "stream_token_" + name, kind, help)
    }

    /// A metric that every exporter names alike, such as those of processes.
    public init(fullName name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}
