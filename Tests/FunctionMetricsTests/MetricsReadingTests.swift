import Testing

@testable import FunctionMetrics

@Suite("A reading of metrics")
struct MetricsReadingTests {
    private static let mints = Metric("mints_total", .counter, "Tokens minted.")
    private static let requests = Metric("requests_total", .counter, "Requests served.")
    private static let duration = Metric("wait_seconds", .histogram, "Waits.")

    @Test("has a help text, a type and a line for each set of labels, sorted by name")
    func format() {
        var reading = MetricsReading()
        reading.add(Self.requests, 3, ("status", "404"))
        reading.add(Self.requests, 5, ("status", "200"), ("kind", "a"))
        reading.add(Self.mints, 5)
        #expect(
            reading.text == """
                # HELP stream_token_mints_total Tokens minted.
                # TYPE stream_token_mints_total counter
                stream_token_mints_total 5
                # HELP stream_token_requests_total Requests served.
                # TYPE stream_token_requests_total counter
                stream_token_requests_total{status="200",kind="a"} 5
                stream_token_requests_total{status="404"} 3

                """
        )
    }

    @Test(
        "escapes a label's value",
        arguments: [
            ("plain", "plain"), (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), ("é{}=,", "é{}=,"),
            ("a\r\nb", "a\r\\nb"),
        ]
    )
    func escapes(value: String, text: String) {
        var reading = MetricsReading()
        reading.add(Self.mints, 1, ("label", value))
        #expect(reading.text.hasSuffix("\nstream_token_mints_total{label=\"\(text)\"} 1\n"))
    }

    @Test("escapes a help text except its quotation marks")
    func help() {
        var reading = MetricsReading()
        reading.add(Metric("a", .gauge, "one\\two\n\"three\""), 1)
        #expect(reading.text.hasPrefix(#"# HELP stream_token_a one\\two\n"three""# + "\n"))
    }

    @Test(
        "writes numbers in Prometheus' syntax",
        arguments: [
            (0.0, "0"), (1, "1"), (-2, "-2"), (0.25, "0.25"), (1e15, "1000000000000000"), (1e-7, "1e-07"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ]
    )
    func numbers(number: Double, text: String) {
        var reading = MetricsReading()
        reading.add(Metric("a", .gauge, "A."), number)
        #expect(reading.text.hasSuffix("\nstream_token_a \(text)\n"))
    }

    @Test("sums values of the same name and labels")
    func sums() {
        var first = MetricsReading()
        first.add(Self.requests, 3, ("status", "200"))
        var second = MetricsReading()
        second.add(Self.requests, 4, ("status", "200"))
        second.add(Self.requests, 1, ("status", "500"))
        second.add(Self.mints, 2)
        first.add(second)
        #expect(first.text.contains("{status=\"200\"} 7\n"))
        #expect(first.text.contains("{status=\"500\"} 1\n"))
        #expect(first.text.contains("\nstream_token_mints_total 2\n"))
    }

    @Test("each bucket of a histogram counts all durations up to its bound, and the last counts all")
    func histogram() {
        var histogram = Histogram(Histogram.Buckets([100_000_000, 1_000_000_000]))
        for nanoseconds: Int64 in [0, 100_000_000, 100_000_001, 5_000_000_000, -1] {
            histogram.observe(nanoseconds: nanoseconds)
        }
        histogram.observe(.milliseconds(300))
        var reading = MetricsReading()
        reading.add(Self.duration, histogram)
        reading.add(Self.duration, histogram)
        #expect(
            reading.text == """
                # HELP stream_token_wait_seconds Waits.
                # TYPE stream_token_wait_seconds histogram
                stream_token_wait_seconds_bucket{le="0.1"} 6
                stream_token_wait_seconds_bucket{le="1"} 10
                stream_token_wait_seconds_bucket{le="+Inf"} 12
                stream_token_wait_seconds_sum 11.000000002
                stream_token_wait_seconds_count 12

                """
        )
    }

    @Test("a histogram of sizes counts them as they are")
    func sizes() {
        var histogram = Histogram(.sizes)
        for size in [1, 1, 3, 16, 17] { histogram.observe(size) }
        var reading = MetricsReading()
        reading.add(Metric("size", .histogram, "Sizes."), histogram)
        #expect(
            reading.text == """
                # HELP stream_token_size Sizes.
                # TYPE stream_token_size histogram
                stream_token_size_bucket{le="1"} 2
                stream_token_size_bucket{le="2"} 2
                stream_token_size_bucket{le="4"} 3
                stream_token_size_bucket{le="8"} 3
                stream_token_size_bucket{le="16"} 4
                stream_token_size_bucket{le="+Inf"} 5
                stream_token_size_sum 38
                stream_token_size_count 5

                """
        )
    }

    @Test("the bounds of the buckets ascend, from 100 µs to 10 s and from a second to an hour")
    func buckets() {
        for buckets in [Histogram.Buckets.waits, .spans, .sizes] {
            #expect(zip(buckets.bounds, buckets.bounds.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(Histogram.Buckets.waits.bounds.first == 100_000)
        #expect(Histogram.Buckets.waits.bounds.last == 10_000_000_000)
        #expect(Histogram.Buckets.spans.bounds.last == 3_600_000_000_000)
    }
}
