extension StringProtocol {
    /// Whether both texts have the same UTF-8 bytes, as names and values from outside are compared (RFC 8259, section 8.3).
    ///
    /// `==` compares by canonical equivalence instead: "é" in one scalar equals "e" with an accent behind it, and a letter
    /// with n accents takes time in n², which nobody outside may choose.
    public func hasSameBytes(as other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether the text begins with the bytes of `prefix`.
    package func hasSameBytesFirst(_ prefix: StaticString) -> Bool {
        utf8.starts(with: prefix.description.utf8)
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
        // Swift hashes the bytes of ASCII as they are, and normalizes the rest first.
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }
}
