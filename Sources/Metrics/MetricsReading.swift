/// What metrics stand at, of one loop or of several together.
///
/// What is added under the same name and labels is summed: so the readings of loops become that of the process.
public struct MetricsReading: Sendable {
    /// By their names.
    private(set) var families: [String: Family] = [:]

    struct Family: Sendable {
        let metric: Metric
        /// By their labels as they are written: `status="200"`, empty where there are none.
        var samples: [String: Sample] = [:]
    }

    enum Sample: Sendable {
        case number(Double)
        case histogram(Histogram)
    }

    public init() {}

    /// Adds a number. Every value of a label must be one of a few: never what a client has chosen.
    public mutating func add(_ metric: Metric, _ number: Double, _ labels: (name: StaticString, value: String)...) {
        add(metric, .number(number), labels)
    }

    /// Adds a number. Every value of a label must be one of a few: never what a client has chosen.
    public mutating func add(_ metric: Metric, _ number: Int, _ labels: (name: StaticString, value: String)...) {
        add(metric, .number(Double(number)), labels)
    }

    /// Adds a histogram.
    public mutating func add(_ metric: Metric, _ histogram: Histogram) {
        add(metric, .histogram(histogram), [])
    }

    /// Adds all of another reading.
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

    /// A label's value as the format has it: backslash, quote and line feed are escaped.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += #"\\"#
            case "\"": text += #"\""#
            case "\n": text += #"\n"#
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
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
