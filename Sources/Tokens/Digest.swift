/// The first 16 bytes of a secret's SHA-256: all that a store keeps of it.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    init(of secret: Span<UInt8>) {
        let words = SHA256.digest(of: secret)
        high = UInt64(words[0]) << 32 | UInt64(words[1])
        low = UInt64(words[2]) << 32 | UInt64(words[3])
    }

    /// base64url, 22 characters.
    public var description: String { Base64URL.text(high, low) }

    /// The first 10 characters of the text: enough to tell keys apart, too little to find them by.
    public var prefix: String {
        var text: [UInt8] = []
        text.reserveCapacity(10)
        Base64URL.append(high, sextets: 10, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text, ``Base64URL/characterCount`` bytes.
    package func append(to text: inout [UInt8]) {
        Base64URL.append(high, low, to: &text)
    }
}
