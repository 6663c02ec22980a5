/// The trace that a request belongs to (W3C Trace Context, https://www.w3.org/TR/trace-context/).
public struct TraceContext: Hashable, Sendable {
    /// 32 hexadecimal digits in lower case, not all of them 0.
    public let traceID: String
    /// The caller's span, 16 such digits; nil if the caller names none.
    public let parentID: String?
    /// Two such digits.
    private let flags: String

    /// Parses the field `traceparent`: version "-" trace-id "-" parent-id "-" trace-flags (section 3.2). Nil if it is
    /// invalid, in which case the standard requires to ignore it.
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
            // From later versions, read only what version 00 defines, and pass on only that (section 4.3).
            self.flags = Int(flags, radix: 16).map { $0 & 1 } == 1 ? "01" : "00"
        }
        traceID = String(decoding: parts[1], as: UTF8.self)
        parentID = String(decoding: parts[2], as: UTF8.self)
    }

    /// Parses AWS' field `x-amzn-trace-id`: `Root=1-<8 digits>-<24 digits>;Parent=<16 digits>;Sampled=1`, in any order. A
    /// load balancer sends no Parent. Nil if there is no valid Root.
    ///
    /// The two parts of Root together are the trace's id in the W3C's form
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

    /// Continues `trace`, or begins a new one that is not sampled; adds a parent span if there is none. `bits` returns
    /// random bits.
    public init(continuing trace: TraceContext?, _ bits: () -> UInt64) {
        traceID = trace?.traceID ?? Self.digits(bits()) + Self.digits(bits())
        parentID = trace?.parentID ?? Self.digits(bits())
        flags = trace?.flags ?? "00"
    }

    /// The field `traceparent` to pass on; nil without ``parentID``.
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
    /// The caller's trace: from `traceparent` if that is valid, otherwise from AWS' field. A field that appears twice is
    /// ignored.
    public var trace: TraceContext? {
        if let text = headers.only(.traceparent), let trace = TraceContext(traceparent: text) { return trace }
        return headers.only(.xAmznTraceID).flatMap { TraceContext(xray: $0) }
    }

    /// `tracestate`, to be passed on unchanged together with a valid `traceparent` (sections 3.3 and 3.5). Several fields
    /// are joined to one list. Nil if there is nothing to pass on.
    public var traceState: String? {
        let values = headers.values(of: .tracestate)
        guard !values.isEmpty, let text = headers.only(.traceparent), TraceContext(traceparent: text) != nil else {
            return nil
        }
        // A list may have empty elements, which need not be passed on.
        let state = values.map(\.string).filter { !$0.isEmpty }.joined(separator: ",")
        let isLegal = state.utf8.allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x09 }
        return isLegal && (1...Self.maxTraceStateLength).contains(state.utf8.count) ? state : nil
    }

    /// In bytes. At least 512 should be passed on (section 3.3.1.5). Longer lists are dropped: the next server might
    /// refuse them.
    private static let maxTraceStateLength = 4096
}

extension Headers {
    /// The value of a field that appears exactly once.
    fileprivate func only(_ name: Name) -> String? {
        let values = values(of: name)
        return values.count == 1 ? values[0].string : nil
    }
}
