/// The operations of a token's life, each of them atomic.
///
/// Every operation is idempotent: repeating one returns the same outcome, and counts and charges nothing again. A mint
/// is identified by the token's digest, a reserve and everything after it by the attempt's id.
///
/// No operation stops when its caller's task is cancelled: a reservation has to be committed or released, whatever
/// happened to the client.
public protocol TokenStore: Sendable {
    /// Makes `token` live for `ttl` seconds if the key is known, enabled and within its limit, and its organization has
    /// credits. Token and key must have the same organization. The policy, if there is one, lives as long as the token.
    func mint(
        _ token: StreamToken,
        with key: APIKey,
        ttl: Int,
        policy: Policy?
    ) async throws(StoreError) -> MintOutcome

    /// Returns why a reservation of the token would be refused now; nil if it would succeed. Changes and holds nothing.
    /// It serves to refuse a request early; the reservation itself may have a different outcome.
    func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal?

    /// Holds the token, one credit and one stream's place for `attempt`, until `lease` milliseconds from now.
    func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async throws(StoreError) -> ReserveOutcome

    /// Marks the token that `attempt` holds as used and charges the held credit. It succeeds even if the credits were
    /// lowered since the reservation; then it charges what is left of them, one or none.
    /// Its stream counts as open, unless another server serves it.
    func commit(
        _ token: StreamToken,
        for attempt: Attempt,
        countsAsOpen: Bool
    ) async throws(StoreError) -> CommitOutcome

    /// Reserves and commits in one step, for a stream that another server serves: the token is used, a credit is charged,
    /// and no stream counts as open. Does not look at the limit of open streams. A token with a policy is only reserved,
    /// for 15 s: the caller has to check the policy, and then commits or releases.
    ///
    /// For ten seconds, all attempts of one request (``Attempt/random(_:ofRequest:)``) have the same outcome. Once
    /// two of them were admitted, ``release(_:for:refusal:)`` undoes neither: one of them may have opened a stream.
    func admit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> AdmitOutcome

    /// Undoes the reservation or the commit of `attempt`, and gives back the credit if the commit charged one. Only for
    /// an attempt that has written no byte of the workflow's output to its client. A token with a policy remembers the
    /// last `refusal`, until the token is forgotten.
    func release(_ token: StreamToken, for attempt: Attempt, refusal: PolicyRefusal?) async throws(StoreError)

    /// Renews the leases of open streams of one organization, and of `reserved` ones, which wait for their workflow's
    /// first output and are not committed yet: 15 s from now. Returns the streams that must end.
    ///
    /// A reservation whose lease has ended is not renewed. One that is committed by now is renewed as an open stream.
    func renew(
        _ streams: [OpenStream],
        reserved: [OpenStream],
        of tag: Tag
    ) async throws(StoreError) -> [LostStream]

    /// Removes an open stream from the organization's count.
    func end(_ attempt: Attempt, of tag: Tag) async throws(StoreError)

    /// Revokes the token. Returns its state before.
    func revoke(_ token: StreamToken) async throws(StoreError) -> TokenState

    /// Returns what is known of the token without changing it.
    func inspect(_ token: StreamToken) async throws(StoreError) -> TokenDetails

    /// Throws if the store does not work.
    func ping() async throws(StoreError)
}

extension TokenStore {
    /// Mints a token without a policy.
    public func mint(_ token: StreamToken, with key: APIKey, ttl: Int) async throws(StoreError) -> MintOutcome {
        try await mint(token, with: key, ttl: ttl, policy: nil)
    }

    /// Commits the token of a stream that counts as open.
    public func commit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> CommitOutcome {
        try await commit(token, for: attempt, countsAsOpen: true)
    }

    /// Releases an attempt that the token's policy has not refused.
    public func release(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) {
        try await release(token, for: attempt, refusal: nil)
    }

    /// Returns the token's state without changing it.
    public func show(_ token: StreamToken) async throws(StoreError) -> TokenState {
        try await inspect(token).state
    }

    /// Renews the leases of open streams of one organization (15 s from now); returns the streams that must end.
    public func renew(_ streams: [OpenStream], of tag: Tag) async throws(StoreError) -> [LostStream] {
        try await renew(streams, reserved: [], of: tag)
    }
}

/// The outcome of a mint.
public enum MintOutcome: Hashable, Sendable {
    case minted(Rate)
    /// The key is unknown or disabled.
    case unauthorized
    /// Over the key's limit; not counted.
    case limited(Rate)
    /// The organization has no credits left; counted as a request.
    case noCredits(Rate)
    /// The key mints only tokens with a policy, and there was none; not counted.
    case policyRequired
}

/// The outcome of a reservation.
public enum ReserveOutcome: Hashable, Sendable {
    case reserved(Reservation)
    case refused(ReserveRefusal)
}

/// Why a token cannot be reserved.
public enum ReserveRefusal: Hashable, Sendable {
    case invalid(InvalidToken)
    /// Another attempt holds the token.
    case inUse
    /// The organization's credits are used up or held by others.
    case noCredits
    /// The organization's open and reserved streams have reached its limit.
    case tooManyStreams
}

/// Why a token is invalid for good. The client is not told the reason, because the token may not be its own.
public enum InvalidToken: String, CaseIterable, Sendable {
    /// It was not used in time; it expired less than a minute ago.
    case expired
    case used
    /// It was revoked, or all tokens of its key or organization.
    case revoked
    /// Never minted, or forgotten since.
    case unknown
}

/// A reservation's data about the token.
public struct Reservation: Hashable, Sendable {
    /// The organization's name.
    public let organization: String
    /// The stream that opens when the reservation is committed.
    public let stream: OpenStream
    /// What the token's mint decided; nil if it had no policy.
    public let policy: Policy?

    public init(organization: String, stream: OpenStream, policy: Policy? = nil) {
        self.organization = organization
        self.stream = stream
        self.policy = policy
    }
}

/// The outcome of a commit.
public enum CommitOutcome: Hashable, Sendable {
    case committed
    /// The attempt no longer holds the token: its lease ended, or the token was revoked. No stream may open.
    case lost
}

/// The outcome of an admission.
public enum AdmitOutcome: Hashable, Sendable {
    /// The token is used, and its credit charged.
    case admitted(Reservation)
    /// The token has a policy, and is reserved.
    case reserved(Reservation)
    case refused(ReserveRefusal)
}

/// Why an operation of a store failed.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// Whether the operation may nevertheless have taken effect.
    public let mayHaveBeenExecuted: Bool
    /// The reason, for an operator. Holds no secret.
    public let description: String

    public init(_ description: String, mayHaveBeenExecuted: Bool) {
        self.description = description
        self.mayHaveBeenExecuted = mayHaveBeenExecuted
    }
}
