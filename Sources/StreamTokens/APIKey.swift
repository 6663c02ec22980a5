/// An API key, `sk_<tag><secret><check>`. Only the digest of the text is kept here.
public struct APIKey: Hashable, Sendable {
    private static let prefix: StaticString = "sk_"
    /// The length of every key's text.
    package static let characterCount = prefix.utf8CodeUnitCount + CredentialCheck.formCount

    public let tag: Tag
    public let digest: Digest
}

extension APIKey {
    /// A key from its text; nil if the form is wrong or the check does not match.
    public init?(_ text: String) {
        self.init(text.utf8.span)
    }

    /// A key from its text; nil if the form is wrong or the check does not match.
    public init?(_ text: Substring) {
        self.init(text.utf8.span)
    }

    /// Whether a text begins like a key, well-formed or not, to find the key among several credentials.
    public static func hasForm(_ text: Substring) -> Bool {
        Credential.begins(text.utf8.span, with: prefix)
    }

    /// A new key and its text, which is the secret.
    public static func random(tag: Tag, _ bits: RandomBits) -> (key: APIKey, text: String) {
        let text = Credential.random(prefix: prefix, tag: tag, bits)
        return (APIKey(tag: tag, digest: Digest(of: text.span)), String(decoding: text, as: UTF8.self))
    }

    /// The key's name in the command line, logs and audit: the first 10 characters of the digest.
    public var id: String { digest.prefix }

    private init?(_ text: Span<UInt8>) {
        guard let (tag, digest) = Credential.read(text, prefix: Self.prefix) else { return nil }
        self.init(tag: tag, digest: digest)
    }
}
