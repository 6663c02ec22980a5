import FunctionCore
import Testing

@Suite("The trace of a request")
struct TraceContextTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"
    private static let text = "00-\(id)-\(parent)-01"

    @Test(
        "a valid traceparent is parsed and passed on unchanged",
        arguments: [text, "00-\(id)-\(parent)-00", "00-\(id)-\(parent)-ff"]
    )
    func valid(text: String) throws {
        let trace = try #require(TraceContext(traceparent: text))
        #expect(trace.traceID == Self.id)
        #expect(trace.parentID == Self.parent)
        #expect(trace.traceparent == text)
    }

    @Test(
        "a traceparent of a later version is passed on as version 00, with the one flag that 00 defines",
        arguments: [
            ("01-\(id)-\(parent)-01", "01"), ("cc-\(id)-\(parent)-03-what-comes-later", "01"),
            ("fe-\(id)-\(parent)-02", "00"), ("01-\(id)-\(parent)-00-", "00"),
        ]
    )
    func laterVersion(text: String, flags: String) {
        #expect(TraceContext(traceparent: text)?.traceparent == "00-\(Self.id)-\(Self.parent)-\(flags)")
    }

    @Test(
        "an invalid traceparent is ignored",
        arguments: [
            "", "-", "00", "00-\(id)-\(parent)", "00-\(id)-\(parent)-", "00-\(id)-\(parent)-1",
            "00-\(id)-\(parent)-01-",
            "00-\(id)-\(parent)-01-more", "ff-\(id)-\(parent)-01", "0-\(id)-\(parent)-01", "0g-\(id)-\(parent)-01",
            "00-\(id.uppercased())-\(parent)-01", "00-\(id)-\(parent.uppercased())-01", "00-\(id)-\(parent)-0A",
            "00-00000000000000000000000000000000-\(parent)-01", "00-\(id)-0000000000000000-01",
            "00-\(id)0-\(parent)-01", "00-\(id)-\(parent)-011", "00_\(id)_\(parent)_01", " \(text)", "\(text) ",
            "\(text),\(text)", "01-\(id)-\(parent)-01.more", "00--\(parent)-01",
        ]
    )
    func invalid(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test(
        "AWS X-Ray's field is converted to the W3C's form",
        arguments: [
            ("Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=\(parent);Sampled=1", text),
            ("Sampled=0;Parent=\(parent);Root=1-0af76519-16cd43dd8448eb211c80319c", "00-\(id)-\(parent)-00"),
            (
                "Root=1-0af76519-16cd43dd8448eb211c80319c; Parent=\(parent); Sampled=?; Lineage=a:0",
                "00-\(id)-\(parent)-00"
            ),
        ]
    )
    func xray(text: String, traceparent: String) {
        #expect(TraceContext(xray: text)?.traceparent == traceparent)
    }

    @Test(
        "X-Ray's field without a valid parent has only a trace id",
        arguments: ["", ";Parent=0000000000000000", ";Parent=123", ";Parent=\(parent.uppercased())"]
    )
    func xrayWithoutParent(rest: String) throws {
        let trace = try #require(TraceContext(xray: "Self=1-1-1;Root=1-0af76519-16cd43dd8448eb211c80319c" + rest))
        #expect(trace.traceID == Self.id)
        #expect(trace.traceparent == nil)
        #expect(TraceContext(continuing: trace) { 0 }.traceparent == "00-\(Self.id)-0000000000000001-00")
    }

    @Test(
        "an invalid field of X-Ray is ignored",
        arguments: [
            "", "Root", "Root=", "Root=1-0af76519", "Root=2-0af76519-16cd43dd8448eb211c80319c",
            "Root=1-0AF76519-16cd43dd8448eb211c80319c", "Root=1-00000000-000000000000000000000000",
            "Root=1-0af7651-916cd43dd8448eb211c80319c", "Root=1-0af76519-16cd43dd8448eb211c80319c-1",
        ]
    )
    func invalidXRay(text: String) {
        #expect(TraceContext(xray: text) == nil)
    }

    @Test("traceparent has precedence over X-Ray's field, and a field that appears twice is ignored")
    func request() {
        let xray = "Root=1-11111111-222222222222222222222222;Parent=3333333333333333;Sampled=0"
        var request = Request(path: "/", headers: ["traceparent": Headers.Value(Self.text)!])
        #expect(request.trace?.traceID == Self.id)
        request.headers.append("x-amzn-trace-id", Headers.Value(xray)!)
        #expect(request.trace?.traceID == Self.id)
        request.headers.append("traceparent", Headers.Value(Self.text)!)
        #expect(request.trace?.traceID == "11111111222222222222222222222222")
        request.headers.append("x-amzn-trace-id", Headers.Value(xray)!)
        #expect(request.trace == nil)
        #expect(Request(path: "/").trace == nil)
    }

    @Test(
        "tracestate fields beside a valid traceparent are joined to one list, unchanged",
        arguments: [
            ([text], ["a=b,c=d"], "a=b,c=d"), ([text], ["a=b", "", "c=d e\t, f=g"], "a=b,c=d e\t, f=g"),
            ([text], [""], nil),
            ([text], [], nil), (["x"], ["a=b"], nil), ([], ["a=b"], nil), ([text, text], ["a=b"], nil),
            ([text], ["a=\u{e9}"], nil),
            ([text], [String(repeating: "a", count: 4096)], String(repeating: "a", count: 4096)),
            ([text], [String(repeating: "a", count: 4000), String(repeating: "b", count: 96)], nil),
        ] as [([String], [String], String?)]
    )
    func state(traceparents: [String], states: [String], passedOn: String?) throws {
        var headers: Headers = ["x-amzn-trace-id": "Root=1-11111111-222222222222222222222222;Parent=3333333333333333"]
        for text in traceparents { headers.append("traceparent", try #require(Headers.Value(text))) }
        for text in states { headers.append("tracestate", try #require(Headers.Value(text))) }
        #expect(Request(path: "/", headers: headers).traceState == passedOn)
    }

    @Test("a new trace begins if the caller has none, and its ids are never all zeros")
    func new() {
        #expect(
            TraceContext(continuing: nil) { 0 }.traceparent
                == "00-00000000000000010000000000000001-0000000000000001-00"
        )
        #expect(TraceContext(continuing: nil) { .max }.traceID == String(repeating: "f", count: 32))
        let given = TraceContext(traceparent: Self.text)
        #expect(TraceContext(continuing: given) { 7 } == given)
    }
}
