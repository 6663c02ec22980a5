extension MetricsReading {
    /// What the text is, for a Content-Type.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The reading in Prometheus' text format, version 0.0.4
    /// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), by name and labels.
    public var text: String {
        var text = ""
        for family in families.values.sorted(by: { $0.metric.name < $1.metric.name }) {
            let name = family.metric.name
            text += "# HELP \(name) \(Self.escapedHelp(family.metric.help))\n"
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

    /// A bucket's number is that of all durations up to its bound.
    private static func lines(_ name: String, _ labels: String, _ histogram: Histogram) -> String {
        var text = ""
        var count = 0
        let bounds = histogram.buckets.bounds.map { Self.text(Double($0) / 1e9) } + ["+Inf"]
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

    /// A number as Go's ParseFloat takes it; whole ones without a point.
    private static func text(_ number: Double) -> String {
        if let whole = Int(exactly: number) { return "\(whole)" }
        if number.isNaN { return "NaN" }
        return number.isInfinite ? (number < 0 ? "-Inf" : "+Inf") : "\(number)"
    }

    /// In a help text backslash and line feed are escaped, and quotes are not.
    private static func escapedHelp(_ help: String) -> String {
        help.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: #"\\"#)
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: #"\n"#)
    }
}
