/// Uniformly random bits, 64 at a time: the only randomness there is here, and it is handed in.
public typealias RandomBits = @Sendable () -> UInt64

/// What stands for an organization in its keys and tokens: 6 base62 characters, its hash tag in Redis, and no secret.
public struct Tag: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init?(_ text: String) {
        self.text = text
    }
    public static func random(_ bits: RandomBits) -> Tag { fatalError("placeholder") }
    public var description: String { text }
}

/// The first 16 bytes of a secret's SHA-256: all that a store keeps of it.
public struct Digest: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
}

/// An API key, `sk_<tag><secret><check>`, of which only the digest is kept here.
public struct APIKey: Hashable, Sendable {
    public let tag: Tag
    public let digest: Digest
    /// Nil if the text is not of that form or its check does not fit.
    public init?(_ text: String) { return nil }
    /// A new key and its text, the secret.
    public static func random(tag: Tag, _ bits: RandomBits) -> (key: APIKey, text: String) { fatalError("placeholder") }
    /// What the command line, logs and audit call it: the first 10 characters of the digest.
    public var id: String { "" }
}

/// A stream token, `pub_tok_<tag><secret><check>`, of which only the digest is kept here.
public struct StreamToken: Hashable, Sendable {
    public let tag: Tag
    public let digest: Digest
    public init?(_ text: String) { return nil }
    public static func random(tag: Tag, _ bits: RandomBits) -> (token: StreamToken, text: String) { fatalError("placeholder") }
}

/// One try at opening a stream: 128 random bits.
public struct Attempt: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64
    public static func random(_ bits: RandomBits) -> Attempt { Attempt(high: bits(), low: bits()) }
}
