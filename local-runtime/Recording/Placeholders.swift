import FunctionBytes
import FunctionCore
import LocalRuntimeConsole
import StreamTokens

/// Fixed credentials that replace those of a call. The same credential is always replaced by the same one.
///
/// A key becomes a key, a token a token. A text that only looks like one, which may be a mistyped secret, becomes another
/// that only looks like one.
struct Placeholders: Sendable {
    /// The tag in all placeholders. It has a tag's form, six characters of base62.
    static let tag = Tag("Fixed1")!

    /// Follows the prefix in the placeholder of a text that only looks like a credential.
    private static let none = "\(tag)whichIsNone"
    /// The beginning of a placeholder's secret. One in 10^16 random secrets begins with it.
    private static let zeros = String(repeating: "0", count: 9)

    private var texts: [String: String] = [:]
    private var keys: [APIKey: String] = [:]
    private var tokens: [StreamToken: String] = [:]
    /// Texts that a policy locks, with what takes their place.
    private var hidden: [(text: [UInt8], placeholder: [UInt8])] = []

    static func key(_ number: Int) -> String {
        APIKey.random(tag: tag) { UInt64(number) }.text
    }

    static func token(_ number: Int) -> String {
        StreamToken.random(tag: tag) { UInt64(number) }.text
    }

    /// The placeholder of a key, or the first one if the key has not occurred.
    func text(for key: APIKey) -> String {
        keys[key] ?? Self.key(1)
    }

    /// The placeholder of a token; nil if the token has not occurred.
    func text(for token: StreamToken) -> String? {
        tokens[token]
    }

    /// Whether the text is a placeholder.
    static func isOne(_ text: String) -> Bool {
        Secrets.prefixes.contains { text.hasPrefix("\($0)\(tag)\(zeros)") || text == $0 + none }
    }

    /// Whether the credential has occurred.
    func hasReplaced(_ text: String) -> Bool {
        texts[text] != nil
    }

    /// The text with every credential in it replaced.
    mutating func replaced(in text: String) -> String {
        String(decoding: replaced(in: Array(text.utf8)), as: UTF8.self)
    }

    /// The same for bytes, which need not be text.
    mutating func replaced(in bytes: [UInt8]) -> [UInt8] {
        Secrets.replaced(in: bytes) { placeholder($0) }
    }

    /// Replaces a text of a policy wherever ``replacedAll(in:)`` finds it.
    mutating func hide(_ text: String, by placeholder: String) {
        hidden.append((Array(text.utf8), Array(placeholder.utf8)))
    }

    /// The bytes with every credential, and every hidden text, replaced.
    mutating func replacedAll(in bytes: [UInt8]) -> [UInt8] {
        withoutHidden(replaced(in: bytes))
    }

    /// The same for a text.
    mutating func replacedAll(in text: String) -> String {
        hidden.isEmpty ? replaced(in: text) : String(decoding: replacedAll(in: Array(text.utf8)), as: UTF8.self)
    }

    /// A text without the hidden ones.
    func withoutHidden(_ text: String) -> String {
        hidden.isEmpty ? text : String(decoding: withoutHidden(Array(text.utf8)), as: UTF8.self)
    }

    private func withoutHidden(_ bytes: [UInt8]) -> [UInt8] {
        hidden.reduce(bytes) { $0.replacing($1.text, with: $1.placeholder) }
    }

    /// A path as it was sent, with the credentials in it replaced, whether percent-encoded or not.
    mutating func replaced(inPath path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false)
            .map { replaced(inEncoded: $0, plusIsSpace: false) }
            .joined(separator: "/")
    }

    /// The same for a query.
    mutating func replaced(inQuery query: String) -> String {
        query.split(separator: "&", omittingEmptySubsequences: false)
            .map { parameter in
                parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    .map { replaced(inEncoded: $0, plusIsSpace: true) }
                    .joined(separator: "=")
            }
            .joined(separator: "&")
    }

    private mutating func replaced(inEncoded text: Substring, plusIsSpace: Bool) -> String {
        let decoded = PercentEncoding.decode(text.utf8, plusIsSpace: plusIsSpace)
        guard Secrets.pieces(of: decoded).count > 1 else { return String(text) }
        let result = String(decoding: replaced(in: decoded), as: UTF8.self)
        return PercentEncoding.encode(result, keeping: .unreserved)
    }

    private mutating func placeholder(_ text: String) -> String {
        if let known = texts[text] { return known }
        let placeholder: String
        if let key = APIKey(text) {
            placeholder = Self.key(keys.count + 1)
            keys[key] = placeholder
        } else if let token = StreamToken(text) {
            placeholder = Self.token(tokens.count + 1)
            tokens[token] = placeholder
        } else {
            placeholder = (text.hasPrefix("sk_") ? "sk_" : "pub_tok_") + Self.none
        }
        texts[text] = placeholder
        return placeholder
    }
}
