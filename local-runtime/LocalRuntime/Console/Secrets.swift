import Function
import FunctionBytes

/// Keeps API keys and stream tokens out of what is shown.
enum Secrets {
    private static let prefixes = ["sk_", "pub_tok_"]
    /// What is left of a secret: the tag, which is none.
    private static let shownCount = 6
    /// What is shorter behind a prefix is no secret but a word such as `sk_short`.
    private static let longestWord = 12

    /// The text with every key and token in it cut after its tag.
    static func masked(_ text: String) -> String {
        prefixes.reduce(text) { masked($0, prefix: $1) }
    }

    /// The same for a part of a request's target, where a secret may stand percent-encoded, as the functions read it.
    static func masked(encoded text: Substring) -> String {
        let decoded = String(decoding: PercentEncoding.decode(text.utf8), as: UTF8.self)
        let masked = masked(decoded)
        return masked.hasSameBytes(as: decoded) ? String(text) : masked
    }

    private static func masked(_ text: String, prefix: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: prefix) {
            let secret = rest[range.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
            result += rest[..<range.upperBound]
            result += secret.count > longestWord ? secret.prefix(shownCount) + "…" : secret
            rest = rest[secret.endIndex...]
        }
        return result + rest
    }
}
