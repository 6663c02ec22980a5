import FunctionBytes

/// Identifies an organization in its keys and tokens, and is its hash tag in Redis: 6 base62 characters, not secret.
public struct Tag: Hashable, Sendable, CustomStringConvertible {
    package static let characterCount = 6

    /// The beginning of the tags under which a store rehearses its operations; no organization has one.
    package static let rehearsal = "probe"

    public let text: String

    /// A tag from its text; nil if it does not have that form.
    public init?(_ text: String) {
        guard text.utf8.count == Self.characterCount, text.utf8.allSatisfy(\.isLetterOrDigit) else { return nil }
        self.text = text
    }

    /// For a text that is known to have that form.
    init(valid text: String) {
        self.text = text
    }

    /// A random tag for an organization; all possible ones are equally likely.
    public static func random(_ bits: RandomBits) -> Tag {
        var text: [UInt8] = []
        repeat {
            text.removeAll()
            Base62.append(random: characterCount, bits, to: &text)
        } while text.starts(with: rehearsal.utf8)
        return Tag(valid: String(decoding: text, as: UTF8.self))
    }

    public var description: String { text }
}
