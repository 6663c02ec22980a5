/// An open stream, or one whose token is still reserved, with the data by which its renewal detects a revocation.
public struct OpenStream: Hashable, Sendable {
    public let token: StreamToken
    public let attempt: Attempt
    /// The organization's revocation epoch at the time of the mint.
    public let epoch: Int
    /// The key that minted the token, and the key's epoch at that time.
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

/// A stream that must end, as its renewal found.
public struct LostStream: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// Its token was revoked, or all tokens of its key or organization.
        case revoked
        /// The store does not know its key, or has an older epoch than the stream: the organization was removed, or
        /// data was lost. Whether the stream was revoked is unknown.
        case forgotten
        /// Its attempt no longer holds the token, which was only reserved: the lease has ended. The token may be live.
        case lapsed
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

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The attempt whose client proves by `secret` that it has received a part of the stream.
    package init(of secret: RunSecret) {
        let digest = Digest(of: secret.text.utf8.span)
        self.init(high: digest.high, low: digest.low)
    }

    public static func random(_ bits: RandomBits) -> Attempt {
        Attempt(high: bits(), low: bits())
    }

    /// One of several attempts that belong to the same request, which a proxy may send more than once. `id` identifies the
    /// request; nobody but the proxy may choose it.
    public static func random(_ bits: RandomBits, ofRequest id: String) -> Attempt {
        let words = SHA256.digest(of: id.utf8.span)
        let request = UInt64(words[0]) << 32 | UInt64(words[1])
        return Attempt(high: request & requestMask | bits() & ~requestMask, low: bits())
    }

    /// The bits of `high` that the attempts of one request have in common: the first ten characters of the text.
    private static let requestMask: UInt64 = ~15

    /// Whether both belong to the same request.
    func isOfSameRequest(as other: Attempt) -> Bool {
        (high ^ other.high) & Self.requestMask == 0
    }

    /// Stands for several attempts of the same request; nobody makes it.
    var forAllOfItsRequest: Attempt { Attempt(high: high & Self.requestMask, low: 0) }

    /// base64url, 22 characters.
    public var description: String { Base64URL.text(high, low) }

    /// Appends the text, ``Base64URL/characterCount`` bytes.
    package func append(to text: inout [UInt8]) {
        Base64URL.append(high, low, to: &text)
    }
}
