/// The first 16 bytes of a secret's SHA-256: the only part of the secret that a store keeps.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    init(of secret: Span<UInt8>) {
        let words = SHA256.digest(of: secret)
        high = UInt64(words[0]) << 32 | UInt64(words[1])
        low = UInt64(words[2]) << 32 | UInt64(words[3])
    }

    /// base64url, 22 characters.
    public var description: String { Base64URL.text(high, low) }

    /// The first 10 characters of the text: enough to tell keys apart, not enough to look them up.
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

/// base64url without padding (RFC 4648, section 5) of 128 bits: 22 characters.
package enum Base64URL {
    package static let characterCount = 22
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Appends the text of the 128 bits that `high` and `low` make.
    package static func append(_ high: UInt64, _ low: UInt64, to text: inout [UInt8]) {
        append(high, sextets: 10, to: &text)
        // The eleventh character takes the last four bits of `high` and the first two of `low`.
        text.append(digits[Int(high & 15) << 2 | Int(low >> 62)])
        append(low << 2, sextets: 10, to: &text)
        text.append(digits[Int(low & 3) << 4])
    }

    /// Appends the highest `sextets` times six bits of `word`.
    static func append(_ word: UInt64, sextets: Int, to text: inout [UInt8]) {
        var rest = word
        for _ in 0..<sextets {
            text.append(digits[Int(rest >> 58)])
            rest <<= 6
        }
    }

    static func text(_ high: UInt64, _ low: UInt64) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(characterCount)
        append(high, low, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
