/// One try at opening a stream: 128 random bits.
public struct Attempt: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    public static func random(_ bits: RandomBits) -> Attempt {
        Attempt(high: bits(), low: bits())
    }

    /// base64url, 22 characters.
    public var description: String { Base64URL.text(high, low) }

    /// Appends the text, ``Base64URL/characterCount`` bytes.
    package func append(to text: inout [UInt8]) {
        Base64URL.append(high, low, to: &text)
    }
}
