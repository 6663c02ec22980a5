import FunctionCore

/// The end of what is logged of an invocation, as `LogType: Tail` asks for it.
struct LogTail: Hashable, Sendable {
    /// The most bytes of it.
    static let limit = 4096

    private var kept: [UInt8] = []

    /// The last bytes that were added.
    var bytes: ArraySlice<UInt8> { kept.suffix(Self.limit) }

    /// Those bytes as Lambda's answers have them.
    var base64: String { Base64.encode(Array(bytes)) }

    mutating func append(_ bytes: some BidirectionalCollection<UInt8>) {
        kept += bytes.suffix(Self.limit)
        // Seldom, so that it costs each byte the same however small the pieces are.
        if kept.count > 4 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
    }
}
