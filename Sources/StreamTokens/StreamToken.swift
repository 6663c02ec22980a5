/// A stream token, `pub_tok_<tag><secret><check>`, of which only the digest is kept here.
public struct StreamToken: Hashable, Sendable {
    private static let prefix: StaticString = "pub_tok_"

    public let tag: Tag
    public let digest: Digest
}

extension StreamToken {
    /// A token from its text, or nil if it is not of that form or its check does not fit.
    public init?(_ text: String) {
        self.init(text.utf8.span)
    }

    /// A token from its text, or nil if it is not of that form or its check does not fit.
    public init?(_ text: Substring) {
        self.init(text.utf8.span)
    }

    /// Whether a text begins as a token does, well-formed or not: which of several credentials is meant for it.
    public static func hasForm(_ text: Substring) -> Bool {
        Credential.begins(text.utf8.span, with: prefix)
    }

    /// A new token and its text, the secret.
    public static func random(tag: Tag, _ bits: RandomBits) -> (token: StreamToken, text: String) {
        let text = Credential.random(prefix: prefix, tag: tag, bits)
        return (StreamToken(tag: tag, digest: Digest(of: text.span)), String(decoding: text, as: UTF8.self))
    }

    /// What logs and audit call it: the first 10 characters of the digest.
    public var id: String { digest.prefix }

    private init?(_ text: Span<UInt8>) {
        guard let (tag, digest) = Credential.read(text, prefix: Self.prefix) else { return nil }
        self.init(tag: tag, digest: digest)
    }
}
