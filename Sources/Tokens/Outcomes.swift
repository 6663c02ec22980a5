/// A key's rate limit as it stands after a call.
public struct Rate: Hashable, Sendable {
    /// Requests that may be made in a window.
    public let limit: Int
    /// Requests left in the window.
    public let remaining: Int
    /// Milliseconds until the next request can pass; 0 if it can now.
    public let retryAfter: Int

    public init(limit: Int, remaining: Int, retryAfter: Int) {
        self.limit = limit
        self.remaining = remaining
        self.retryAfter = retryAfter
    }
}

/// What became of a mint.
public enum MintOutcome: Hashable, Sendable {
    case minted(Rate)
    /// The key is unknown or disabled.
    case unauthorized
    /// Over the key's limit; not counted.
    case limited(Rate)
    /// The organization has no credits left; counted as a request.
    case noCredits(Rate)
}

/// What became of a reservation.
public enum ReserveOutcome: Hashable, Sendable {
    case reserved(Reservation)
    /// Unknown, expired, used or revoked: ``TokenStore/show(_:)`` tells which.
    case invalid
    /// Another attempt holds the token.
    case inUse
    /// The organization's credits are gone or held by others.
    case noCredits
    /// The organization has as many streams open or reserved as it may.
    case tooManyStreams
}

/// What a reservation tells of the token.
public struct Reservation: Hashable, Sendable {
    /// The organization's name.
    public let organization: String
    /// The stream this becomes when it is committed.
    public let stream: OpenStream

    public init(organization: String, stream: OpenStream) {
        self.organization = organization
        self.stream = stream
    }
}

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

/// What became of a commit.
public enum CommitOutcome: Hashable, Sendable {
    case committed
    /// The attempt holds the token no longer: its lease ended, or the token was revoked. No stream may open.
    case lost
}

/// What a token is. Times are milliseconds since 1970 on the store's clock.
public enum TokenState: Hashable, Sendable {
    case live(keyID: String, minted: Int, expiry: Int)
    case reserved(keyID: String, minted: Int, expiry: Int, leaseEnd: Int)
    case used(keyID: String, at: Int)
    case revoked(keyID: String, at: Int)
    /// Never minted, expired, or forgotten since.
    case unknown
}
