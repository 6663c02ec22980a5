extension StringProtocol {
    /// Whether both texts have the same UTF-8 bytes. Use it for every name and value from outside (RFC 8259, section 8.3).
    ///
    /// `==` compares by canonical equivalence instead: "é" as one scalar equals "e" followed by an accent, and a letter
    /// with n accents takes n² time, which a client could exploit.
    public func hasSameBytes(as other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}

extension String {
    /// The same for two strings, without the generic comparison, which costs twenty times as much.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let (left, right) = (utf8Span.span, other.utf8Span.span)
        return left.indices.allSatisfy { left[$0] == right[$0] }
    }
}

extension String {
    /// At most the first 64 bytes, followed by an ellipsis if anything was cut: for text from outside in messages.
    package func shortened() -> String {
        guard var end = utf8.index(startIndex, offsetBy: 64, limitedBy: endIndex), end < endIndex else { return self }
        // Move back to a scalar boundary.
        while UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return String(self[..<end]) + "…"
    }
}

/// Text from outside as an element of a set or a key of a dictionary: compared and hashed by its UTF-8 bytes, in linear
/// time.
public struct ExactText: Hashable, Sendable, CustomStringConvertible {
    public let string: String

    public init(_ string: some StringProtocol) {
        self.string = String(string)
    }

    public var description: String { string }

    public static func == (left: Self, right: Self) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    public func hash(into hasher: inout Hasher) {
        // String's own hash would normalize text that is not ASCII.
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }
}
