/// What a token is. Times are milliseconds since 1970 on the store's clock.
public enum TokenState: Hashable, Sendable {
    case live(keyID: String, minted: Int, expiry: Int)
    case reserved(keyID: String, minted: Int, expiry: Int, leaseEnd: Int)
    case used(keyID: String, at: Int)
    /// `at` is nil where not this token was revoked, but all of its key or organization.
    case revoked(keyID: String, at: Int?)
    /// Never minted, expired, or forgotten since.
    case unknown
}
