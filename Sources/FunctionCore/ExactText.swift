extension StringProtocol {
    /// Whether both texts have the same UTF-8 bytes, as names and values from outside are compared (RFC 8259, section 8.3).
    ///
    /// `==` compares by canonical equivalence instead: "é" in one scalar equals "e" with an accent behind it, and a letter
    /// with n accents takes time in n², which nobody outside may choose.
    public func hasSameBytes(as other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}

extension String {
    /// At most its first 64 bytes, and then an ellipsis: for texts from outside in messages.
    package func shortened() -> String {
        guard var end = utf8.index(startIndex, offsetBy: 64, limitedBy: endIndex), end < endIndex else { return self }
        // No scalar is cut.
        while UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return String(self[..<end]) + "…"
    }
}

/// A text from outside in a set, or as the key of a dictionary: equal and hashed by its UTF-8 bytes, in linear time.
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
        // String's own hash normalizes what is not ASCII first.
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }
}
