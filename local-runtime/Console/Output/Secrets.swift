import FunctionBytes
import FunctionCore

/// Finds API keys and stream tokens, even mistyped ones, and redacts them before they are shown.
package enum Secrets {
    package static let prefixes = ["sk_", "pub_tok_"]
    /// How much of a secret stays visible: the tag, which is not secret.
    private static let shownCount = 6
    /// Up to so many characters after a prefix are a word such as `sk_short`, not a secret.
    private static let maxWord = 12

    /// The text with every key and token cut after its tag.
    package static func masked(_ text: String) -> String {
        replaced(in: text) { secret in
            let prefix = prefixes.first(where: secret.hasPrefix) ?? ""
            return secret.prefix(prefix.count + shownCount) + "…"
        }
    }

    /// The same for a part of a request's target, where a secret may be percent-encoded.
    package static func masked(encoded text: Substring) -> String {
        let decoded = String(decoding: PercentEncoding.decode(text.utf8), as: UTF8.self)
        let masked = masked(decoded)
        return masked.hasSameBytes(as: decoded) ? String(text) : masked
    }

    /// The text with each secret replaced by the result of `change`.
    package static func replaced(
        in text: String,
        longerThan count: Int = maxWord,
        by change: (String) -> String
    ) -> String {
        String(decoding: replaced(in: Array(text.utf8), longerThan: count, by: change), as: UTF8.self)
    }

    /// The same for bytes, which need not be text.
    package static func replaced(
        in bytes: [UInt8],
        longerThan count: Int = maxWord,
        by change: (String) -> String
    ) -> [UInt8] {
        pieces(of: bytes, longerThan: count).flatMap { piece, isSecret in
            isSecret ? Array(change(String(decoding: piece, as: UTF8.self)).utf8) : Array(piece)
        }
    }

    /// Splits the bytes into possible secrets, each a prefix and more than `count` letters and digits, and the rest.
    package static func pieces(
        of bytes: [UInt8],
        longerThan count: Int = maxWord
    ) -> [(bytes: ArraySlice<UInt8>, isSecret: Bool)] {
        var pieces: [(bytes: ArraySlice<UInt8>, isSecret: Bool)] = []
        var rest = bytes[...]
        while let secret = first(in: rest, longerThan: count) {
            pieces += [(rest[..<secret.startIndex], false), (secret, true)]
            rest = rest[secret.endIndex...]
        }
        return pieces + [(rest, false)]
    }

    private static func first(in bytes: ArraySlice<UInt8>, longerThan count: Int) -> ArraySlice<UInt8>? {
        for start in bytes.indices {
            // Fast path: nearly no byte begins a prefix.
            guard bytes[start] == UInt8(ascii: "s") || bytes[start] == UInt8(ascii: "p") else { continue }
            for prefix in prefixes where bytes[start...].starts(with: prefix.utf8) {
                let secret = bytes[(start + prefix.utf8.count)...].prefix(while: \.isLetterOrDigit)
                if secret.count > count { return bytes[start..<secret.endIndex] }
            }
        }
        return nil
    }
}
