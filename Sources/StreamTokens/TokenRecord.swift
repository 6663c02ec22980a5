/// The state of a token. Times are milliseconds since 1970 on the store's clock.
public enum TokenState: Hashable, Sendable {
    case live(keyID: String, minted: Int, expiry: Int)
    case reserved(keyID: String, minted: Int, expiry: Int, leaseEnd: Int)
    case used(keyID: String, at: Int)
    /// `at` is nil if all tokens of the key or organization were revoked, rather than this one.
    case revoked(keyID: String, at: Int?)
    /// Never minted, expired, or forgotten since.
    case unknown
}

/// A store's data about a token, from its mint until it is forgotten. Times are milliseconds since 1970.
struct TokenRecord: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case live
        case reserved(Attempt, leaseEnd: Int)
        /// A tombstone, kept until `end`; `isCharged` says whether a release must give back a credit.
        case used(Attempt, at: Int, end: Int, isCharged: Bool)
        /// A tombstone; the attempt is the one that had used the token.
        case revoked(Attempt?, at: Int, end: Int, isCharged: Bool)
        /// The organization had no credits: no token was minted; the record only keeps the outcome for a repetition.
        case refused
    }

    let keyID: String
    let minted: Int
    /// The lifetime in seconds, as requested.
    let ttl: Int
    /// The epochs of the organization and the key at the mint; if they have risen since, the token is revoked.
    let epoch: Int
    let keyEpoch: Int
    /// The key's remaining requests after the mint, for a repetition of the mint.
    let remaining: Int
    let policy: Policy?
    /// Only of a token with a policy.
    var refusal: TokenDetails.LastRefusal?
    var state: State

    var expiry: Int { minted + ttl * 1000 }

    /// When a tombstone made at `now` is forgotten.
    func tombstoneEnd(from now: Int) -> Int {
        now + max(ttl * 1000, Lifetime.tombstone)
    }

    /// Whether the record is still valid. A store may keep it for longer, but must then ignore it.
    func isKept(at now: Int) -> Bool {
        switch state {
        case .live: now < expiry
        case .reserved(_, let leaseEnd): now < max(expiry, leaseEnd)
        case .used(_, _, let end, _), .revoked(_, _, let end, _): now < end
        case .refused: now < minted + Lifetime.refusal
        }
    }

    /// Whether the token expired less than a minute ago, without having been used.
    func hasExpired(at now: Int) -> Bool {
        switch state {
        case .live: expiry <= now && now < expiry + Lifetime.expired
        case .reserved(_, let leaseEnd):
            max(expiry, leaseEnd) <= now && now < max(expiry, leaseEnd) + Lifetime.expired
        case .used, .revoked, .refused: false
        }
    }

    /// What is known of the token, if the record is kept; `isOutdated` says whether the epochs have risen since the mint.
    func details(at now: Int, isOutdated: Bool) -> TokenDetails {
        let isPolicyKept =
            switch state {
            case .live, .reserved: true
            case .used, .revoked: now < expiry
            case .refused: false
            }
        return TokenDetails(
            state(at: now, isOutdated: isOutdated),
            user: state == .refused ? nil : policy?.user,
            policy: isPolicyKept ? policy : nil,
            refusal: refusal
        )
    }

    private func state(at now: Int, isOutdated: Bool) -> TokenState {
        switch state {
        case .live, .reserved:
            if isOutdated { return .revoked(keyID: keyID, at: nil) }
            if case .reserved(_, let leaseEnd) = state, now < leaseEnd {
                return .reserved(keyID: keyID, minted: minted, expiry: expiry, leaseEnd: leaseEnd)
            }
            return .live(keyID: keyID, minted: minted, expiry: expiry)
        case .used(_, let at, _, _): return .used(keyID: keyID, at: at)
        case .revoked(_, let at, _, _): return .revoked(keyID: keyID, at: at)
        case .refused: return .unknown
        }
    }
}

/// How long tokens live, and how long a store keeps things that no caller decides: in milliseconds, except ttls.
package enum Lifetime {
    /// The lifetimes of a token that a mint may ask for, in seconds.
    package static let ttls = 1...300
    /// How long an open stream counts without a renewal.
    package static let stream = 15_000
    /// How long a resumable stream counts as read without a renewal by its reader.
    package static let reader = 5000
    /// How long a used or revoked token is at least distinguished from an unknown one.
    package static let tombstone = 120_000
    /// How long an expired token is distinguished from an unknown one.
    package static let expired = 60_000
    /// For how long the attempts of one request are admitted alike.
    package static let repetition = 10_000
    /// How long a mint that was refused for lack of credits is remembered, so that its repetition is not counted again.
    package static let refusal = 10_000
}
