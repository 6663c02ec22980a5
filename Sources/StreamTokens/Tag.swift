import FunctionBytes

/// What stands for an organization in its keys and tokens: 6 base62 characters, its hash tag in Redis, and no secret.
public struct Tag: Hashable, Sendable, CustomStringConvertible {
    package static let characterCount = 6

    /// What a tag begins with under which a store rehearses what it does: it is no organization's.
    package static let rehearsal = "probe"

    public let text: String

    /// A tag from its text, or nil if it is not of that form.
    public init?(_ text: String) {
        guard text.utf8.count == Self.characterCount, text.utf8.allSatisfy(\.isLetterOrDigit) else { return nil }
        self.text = text
    }

    /// For what is known to be of that form.
    init(valid text: String) {
        self.text = text
    }

    /// A tag for an organization, which each possible one is equally likely to be.
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
