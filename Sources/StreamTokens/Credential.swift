import FunctionBytes

/// The common form of API keys and stream tokens: `<prefix><tag><secret><check>`, all base62 except the prefix. The
/// secret is 30 characters, 178 bits; the check is the CRC-32 of everything before it, in 6 characters.
enum Credential {
    private static let secretCount = 30
    private static let checkCount = 6

    /// The tag and the digest of a credential's text; nil if the form is wrong or the check does not match.
    static func read(_ text: Span<UInt8>, prefix: StaticString) -> (tag: Tag, digest: Digest)? {
        let prefixCount = prefix.utf8CodeUnitCount
        let checkStart = prefixCount + Tag.characterCount + secretCount
        guard text.count == checkStart + checkCount else { return nil }
        guard begins(text, with: prefix) else { return nil }
        for index in prefixCount..<text.count where !text[index].isLetterOrDigit { return nil }

        var check: [UInt8] = []
        check.reserveCapacity(checkCount)
        Base62.append(UInt64(CRC32.checksum(of: text.extracting(first: checkStart))), count: checkCount, to: &check)
        for index in 0..<checkCount where text[checkStart + index] != check[index] { return nil }

        var tag: [UInt8] = []
        tag.reserveCapacity(Tag.characterCount)
        for index in prefixCount..<prefixCount + Tag.characterCount { tag.append(text[index]) }
        return (Tag(valid: String(decoding: tag, as: UTF8.self)), Digest(of: text))
    }

    /// Whether a text begins like a credential.
    static func begins(_ text: Span<UInt8>, with prefix: StaticString) -> Bool {
        guard text.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where text[index] != prefix.utf8Start[index] { return false }
        return true
    }

    /// A new credential's text.
    static func random(prefix: StaticString, tag: Tag, _ bits: RandomBits) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(prefix.utf8CodeUnitCount + Tag.characterCount + secretCount + checkCount)
        text.append(contentsOf: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
        text.append(contentsOf: tag.text.utf8)
        Base62.append(random: secretCount, bits, to: &text)
        let checksum = CRC32.checksum(of: text.span)
        Base62.append(UInt64(checksum), count: checkCount, to: &text)
        return text
    }
}

/// Digits and letters: the characters of keys, tokens and tags.
enum Base62 {
    static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// How many characters one random word yields.
    private static let charactersAWord = 10
    /// 62 to the power of ``charactersAWord``.
    private static let span: UInt64 = 839_299_365_868_340_224

    /// Appends `count` uniformly random characters.
    static func append(random count: Int, _ bits: RandomBits, to text: inout [UInt8]) {
        var rest = count
        while rest > 0 {
            let word = bits()
            // Values above the last whole multiple are rejected: with them, some characters would be more frequent.
            guard word < .max / span * span else { continue }
            let characters = min(rest, charactersAWord)
            append(word % span, count: characters, to: &text)
            rest -= characters
        }
    }

    /// Appends the `count` lowest digits of `number`, the highest first.
    static func append(_ number: UInt64, count: Int, to text: inout [UInt8]) {
        text.append(contentsOf: repeatElement(0, count: count))
        var rest = number
        for index in (text.count - count..<text.count).reversed() {
            text[index] = digits[Int(rest % 62)]
            rest /= 62
        }
    }
}

/// Uniformly random bits, 64 at a time. All randomness here comes from such a function.
public typealias RandomBits = @Sendable () -> UInt64
