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
