package import StreamTokens

/// What came of a request for a token, for counts and the audit. It holds no secret.
package enum TokenEvent: Hashable, Sendable {
    case minted(StreamToken, with: APIKey, ttl: Int)
    /// The key is there if one was read.
    case refused(MintRefusal, APIKey?)
}

/// Why no token was minted.
package enum MintRefusal: String, CaseIterable, Sendable {
    case noKey = "no_key"
    /// What was given cannot be a key, or is more than one.
    case unusableKey = "unusable_key"
    /// Unknown or disabled.
    case unknownKey = "unknown_key"
    case invalidTTL = "invalid_ttl"
    case rateLimited = "rate_limited"
    case noCredits = "no_credits"
    /// The store did not answer.
    case storeUnavailable = "store_unavailable"
}
