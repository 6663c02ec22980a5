/// What a renewal must know of an open stream, to tell whether it was revoked.
public struct OpenStream: Hashable, Sendable {
    public let token: StreamToken
    public let attempt: Attempt
    /// The organization's revocation epoch when the token was minted.
    public let epoch: Int
    /// The key that minted the token, and its own epoch then.
    public let keyID: String
    public let keyEpoch: Int

    public init(token: StreamToken, attempt: Attempt, epoch: Int, keyID: String, keyEpoch: Int) {
        self.token = token
        self.attempt = attempt
        self.epoch = epoch
        self.keyID = keyID
        self.keyEpoch = keyEpoch
    }
}

/// An open stream that its renewal says must end.
public struct LostStream: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// Its token, or all of its key or organization, was revoked.
        case revoked
        /// The store knows nothing of its key, or an older epoch than the stream's: the organization was removed, or
        /// data was lost. Whether the stream was revoked cannot be told any more.
        case forgotten
    }

    public let attempt: Attempt
    public let reason: Reason

    public init(_ attempt: Attempt, _ reason: Reason) {
        self.attempt = attempt
        self.reason = reason
    }
}

/// One try at opening a stream: 128 random bits.
public struct Attempt: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    public static func random(_ bits: RandomBits) -> Attempt {
        Attempt(high: bits(), low: bits())
    }

    /// base64url, 22 characters.
    public var description: String { Base64URL.text(high, low) }

    /// Appends the text, ``Base64URL/characterCount`` bytes.
    package func append(to text: inout [UInt8]) {
        Base64URL.append(high, low, to: &text)
    }
}
