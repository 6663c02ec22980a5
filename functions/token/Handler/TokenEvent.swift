package import StreamTokens

/// The outcome of a request for a token, for metrics and the audit. It holds no secret.
package enum TokenEvent: Hashable, Sendable {
    /// `user` is the end user whom the policy names; nil if it names none.
    case minted(StreamToken, with: APIKey, ttl: Int, user: String?)
    /// The key is nil if the request had no well-formed one.
    case refused(MintRefusal, APIKey?)
}

/// Why no token was minted.
package enum MintRefusal: String, CaseIterable, Sendable {
    case noKey = "no_key"
    /// The key is malformed, or there is more than one.
    case unusableKey = "unusable_key"
    /// Unknown or disabled.
    case unknownKey = "unknown_key"
    case invalidTTL = "invalid_ttl"
    /// The body is not a policy, or the query has a part of one.
    case invalidPolicy = "invalid_policy"
    /// The key mints only tokens with a policy.
    case policyRequired = "policy_required"
    case rateLimited = "rate_limited"
    case noCredits = "no_credits"
    /// The store failed.
    case storeUnavailable = "store_unavailable"
}
