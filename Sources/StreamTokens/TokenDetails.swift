/// What a store knows about a token, for an administrator.
public struct TokenDetails: Hashable, Sendable {
    public let state: TokenState
    /// The end user that the token was minted for; nil if its policy names none.
    public let user: String?
    /// Kept until the token is forgotten, but after the use or the revocation only until its expiry.
    public let policy: Policy?
    /// Why the policy refused an attempt, the last time that it did.
    public let refusal: LastRefusal?

    public struct LastRefusal: Hashable, Sendable {
        public let reason: PolicyRefusal
        /// Milliseconds since 1970 on the store's clock.
        public let time: Int

        public init(_ reason: PolicyRefusal, at time: Int) {
            self.reason = reason
            self.time = time
        }
    }

    public init(_ state: TokenState, user: String? = nil, policy: Policy? = nil, refusal: LastRefusal? = nil) {
        self.state = state
        self.user = user
        self.policy = policy
        self.refusal = refusal
    }

    static let unknown = TokenDetails(.unknown)
}
