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

/// What a store keeps of a token, from its mint until the last of it is forgotten. Times are milliseconds since 1970.
struct TokenRecord: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case live
        case reserved(Attempt, leaseEnd: Int)
        /// A tombstone, kept until `end`; `isCharged` says whether a release has a credit to give back.
        case used(Attempt, at: Int, end: Int, isCharged: Bool)
        /// A tombstone; the attempt is the one that had used the token.
        case revoked(Attempt?, at: Int, end: Int, isCharged: Bool)
        /// The organization had no credits: there never was a token, only its mint's answer is remembered.
        case refused
    }

    let keyID: String
    let minted: Int
    /// In seconds, as the token was asked for.
    let ttl: Int
    /// The epochs of organization and key at the mint: it is revoked when they have risen since.
    let epoch: Int
    let keyEpoch: Int
    /// What the key had left, for the answer to a repeated mint.
    let remaining: Int
    var state: State

    var expiry: Int { minted + ttl * 1000 }

    /// When a tombstone raised at `now` is forgotten.
    func tombstoneEnd(from now: Int) -> Int {
        now + max(ttl * 1000, Lifetime.tombstone)
    }

    /// Whether anything is known of the token any more. A store may keep a record for longer, but not go by it.
    func isKept(at now: Int) -> Bool {
        switch state {
        case .live: now < expiry
        case .reserved(_, let leaseEnd): now < max(expiry, leaseEnd)
        case .used(_, _, let end, _), .revoked(_, _, let end, _): now < end
        case .refused: now < minted + Lifetime.refusal
        }
    }

    /// Whether the token was not used in its time, which has ended lately.
    func hasExpired(at now: Int) -> Bool {
        switch state {
        case .live: expiry <= now && now < expiry + Lifetime.expired
        case .reserved(_, let leaseEnd):
            max(expiry, leaseEnd) <= now && now < max(expiry, leaseEnd) + Lifetime.expired
        case .used, .revoked, .refused: false
        }
    }

    /// What the token is, given that the record is kept, and whether its epochs have passed.
    func state(at now: Int, isOutdated: Bool) -> TokenState {
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

/// How long a store keeps what it decides itself, in milliseconds.
package enum Lifetime {
    /// How long an open stream counts without being renewed.
    package static let stream = 15_000
    /// How long a used or revoked token is told from an unknown one, if it was not minted for longer.
    package static let tombstone = 120_000
    /// How long an expired token is told from an unknown one.
    package static let expired = 60_000
    /// How long a mint refused for want of credits is remembered, so that its repetition counts nothing again.
    package static let refusal = 10_000
}
