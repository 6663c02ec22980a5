/// The trace that a request belongs to (W3C Trace Context, https://www.w3.org/TR/trace-context/).
public struct TraceContext: Hashable, Sendable {
    /// 32 hexadecimal digits in lower case, not all of them 0.
    public let traceID: String
    /// The caller's own span in it, 16 such digits; nil where the caller tells none.
    public let parentID: String?
    /// Two such digits.
    private let flags: String

    /// What the caller's field `traceparent` says: version "-" trace-id "-" parent-id "-" trace-flags (section 3.2). Nil if
    /// it is not valid: it must be ignored then.
    public init?(traceparent text: String) {
        let bytes = text.utf8
        let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[..<4].map(\.count) == [2, 32, 16, 2], parts[..<4].allSatisfy(Self.isHexadecimal),
            parts[1...2].allSatisfy(Self.isID)
        else { return nil }
        let flags = String(decoding: parts[3], as: UTF8.self)
        switch String(decoding: parts[0], as: UTF8.self) {
        case "ff": return nil
        case "00":
            guard parts.count == 4 else { return nil }
            self.flags = flags
        default:
            // Of a later version what this one knows is read, and only that may be passed on (section 4.3).
            self.flags = Int(flags, radix: 16).map { $0 & 1 } == 1 ? "01" : "00"
        }
        traceID = String(decoding: parts[1], as: UTF8.self)
        parentID = String(decoding: parts[2], as: UTF8.self)
    }

    /// What AWS' field `x-amzn-trace-id` says: `Root=1-<8 digits>-<24 digits>;Parent=<16 digits>;Sampled=1`, in any order,
    /// without Parent from a load balancer. Nil if there is no valid Root.
    ///
    /// Both parts of Root together are the same trace's id in the W3C's form
    /// (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids).
    public init?(xray text: String) {
        var fields: [Substring: Substring] = [:]
        for field in text.split(whereSeparator: { $0 == ";" || $0 == " " }) {
            let parts = field.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let root = fields["Root"]?.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false),
            root.count == 3, root[0].elementsEqual("1".utf8), root[1].count == 8, root[2].count == 24
        else { return nil }
        let id = Array(root[1]) + Array(root[2])
        guard Self.isHexadecimal(id), Self.isID(id) else { return nil }
        traceID = String(decoding: id, as: UTF8.self)
        let parent = fields["Parent"]?.utf8
        let isParent = parent.map { $0.count == 16 && Self.isHexadecimal($0) && Self.isID($0) } ?? false
        parentID = isParent ? fields["Parent"].map(String.init) : nil
        flags = fields["Sampled"] == "1" ? "01" : "00"
    }

    /// The same trace, or a new one that is not sampled, with a span for whoever is called next. `bits` are random.
    public init(continuing trace: TraceContext?, _ bits: () -> UInt64) {
        traceID = trace?.traceID ?? Self.digits(bits()) + Self.digits(bits())
        parentID = trace?.parentID ?? Self.digits(bits())
        flags = trace?.flags ?? "00"
    }

    /// What to pass on; nil without ``parentID``.
    public var traceparent: String? {
        parentID.map { "00-\(traceID)-\($0)-\(flags)" }
    }

    private static func digits(_ bits: UInt64) -> String {
        // The lowest bit keeps an id from being all zeros, which is invalid.
        let digits = String(bits | 1, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isHexadecimal(_ text: some Sequence<UInt8>) -> Bool {
        text.allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
        }
    }

    private static func isID(_ text: some Sequence<UInt8>) -> Bool {
        text.contains { $0 != UInt8(ascii: "0") }
    }
}

extension Request {
    /// The caller's trace, if it told a valid one: by `traceparent`, or else as AWS does. A field that stands there twice
    /// says nothing.
    public var trace: TraceContext? {
        if let text = headers.only(.traceparent), let trace = TraceContext(traceparent: text) { return trace }
        return headers.only(.xAmznTraceID).flatMap { TraceContext(xray: $0) }
    }

    /// What tracing systems tell in `tracestate` beside a valid `traceparent`, to be passed on with that unchanged
    /// (sections 3.3 and 3.5); several fields are one list. Nil where there is nothing that can be passed on.
    public var traceState: String? {
        let values = headers.values(of: .tracestate)
        guard !values.isEmpty, let text = headers.only(.traceparent), TraceContext(traceparent: text) != nil else {
            return nil
        }
        // A list may have empty elements, but none has to be passed on.
        let state = values.map(\.string).filter { !$0.isEmpty }.joined(separator: ",")
        let isLegal = state.utf8.allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x09 }
        return isLegal && (1...Self.maxTraceStateLength).contains(state.utf8.count) ? state : nil
    }

    /// In bytes. At least 512 should be passed on (section 3.3.1.5); what is too long for a server is dropped instead.
    private static let maxTraceStateLength = 4096
}

extension Headers {
    /// The value of a field that is there once.
    fileprivate func only(_ name: Name) -> String? {
        let values = values(of: name)
        return values.count == 1 ? values[0].string : nil
    }
}
