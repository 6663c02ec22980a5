/// A snapshot of metrics, of one event loop or of several.
///
/// Values with the same name and labels are summed, so that the readings of all loops add up to that of the process.
public struct MetricsReading: Sendable {
    /// By metric name.
    private(set) var families: [String: Family] = [:]

    struct Family: Sendable {
        let metric: Metric
        /// By labels in the text format, such as `status="200"`; empty if there are none.
        var samples: [String: Sample] = [:]
    }

    enum Sample: Sendable {
        case number(Double)
        case histogram(Histogram)
    }

    public init() {}

    /// Adds a number. A label must have few possible values; never use one that a client chooses.
    public mutating func add(_ metric: Metric, _ number: Double, _ labels: (name: StaticString, value: String)...) {
        add(metric, .number(number), labels)
    }

    /// Adds a number. A label must have few possible values; never use one that a client chooses.
    public mutating func add(_ metric: Metric, _ number: Int, _ labels: (name: StaticString, value: String)...) {
        add(metric, .number(Double(number)), labels)
    }

    public mutating func add(_ metric: Metric, _ histogram: Histogram) {
        add(metric, .histogram(histogram), [])
    }

    public mutating func add(_ other: MetricsReading) {
        for family in other.families.values {
            for (labels, sample) in family.samples { add(family.metric, sample, labels) }
        }
    }

    private mutating func add(_ metric: Metric, _ sample: Sample, _ labels: [(name: StaticString, value: String)]) {
        let text = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        add(metric, sample, text)
    }

    private mutating func add(_ metric: Metric, _ sample: Sample, _ labels: String) {
        families[metric.name, default: Family(metric: metric)].samples[labels].add(sample)
    }

    /// Escapes a text for the text format: backslashes and line feeds, and in label values also quotation marks.
    private static func escaped(_ value: String, isLabel: Bool = true) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += #"\\"#
            case "\"" where isLabel: text += #"\""#
            case "\n": text += #"\n"#
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The Content-Type of ``text``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The reading in Prometheus' text format, version 0.0.4
    /// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), sorted by name and labels.
    public var text: String {
        var text = ""
        for family in families.values.sorted(by: { $0.metric.name < $1.metric.name }) {
            let name = family.metric.name
            text += "# HELP \(name) \(Self.escaped(family.metric.help, isLabel: false))\n"
            text += "# TYPE \(name) \(family.metric.kind.rawValue)\n"
            for (labels, sample) in family.samples.sorted(by: { $0.key < $1.key }) {
                switch sample {
                case .number(let number): text += Self.line(name, labels, Self.text(number))
                case .histogram(let histogram): text += Self.lines(name, labels, histogram)
                }
            }
        }
        return text
    }

    /// Buckets are cumulative here: each counts all durations up to its bound.
    private static func lines(_ name: String, _ labels: String, _ histogram: Histogram) -> String {
        var text = ""
        var count = 0
        let bounds = histogram.buckets.bounds.map { Self.text(Double($0) / histogram.buckets.scale) } + ["+Inf"]
        for (bound, more) in zip(bounds, histogram.counts) {
            count += more
            let separator = labels.isEmpty ? "" : ","
            text += line(name + "_bucket", labels + separator + "le=\"\(bound)\"", "\(count)")
        }
        return text + line(name + "_sum", labels, Self.text(histogram.sum)) + line(name + "_count", labels, "\(count)")
    }

    private static func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// Formats a number for Go's ParseFloat; whole numbers have no decimal point.
    private static func text(_ number: Double) -> String {
        if let whole = Int(exactly: number) { return "\(whole)" }
        if number.isNaN { return "NaN" }
        return number.isInfinite ? (number < 0 ? "-Inf" : "+Inf") : "\(number)"
    }
}

extension MetricsReading.Sample? {
    fileprivate mutating func add(_ other: MetricsReading.Sample) {
        switch (self, other) {
        case (nil, _): self = other
        case (.number(let number), .number(let more)): self = .number(number + more)
        case (.histogram(var histogram), .histogram(let more)):
            histogram.add(more)
            self = .histogram(histogram)
        default: preconditionFailure("a metric is a number or a histogram, not both")
        }
    }
}

/// The name, type and help text of a metric.
///
/// Names follow Prometheus' conventions (https://prometheus.io/docs/practices/naming/): base units, `_total` for counters.
public struct Metric: Hashable, Sendable {
    public enum Kind: String, Sendable {
        /// Starts at 0 with the process and only increases.
        case counter
        /// The current value of something that can rise and fall.
        case gauge
        /// Counts of durations or sizes by bucket.
        case histogram
    }

    public let name: String
    public let kind: Kind
    /// One sentence for people.
    public let help: String

    /// A metric of this package; `name` gets the prefix `stream_token_`.
    public init(_ name: String, _ kind: Kind, _ help: String) {
        self.init(fullName: "stream_token_" + name, kind, help)
    }

    /// A metric whose name is the same in all exporters, such as those of processes.
    public init(fullName name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}
