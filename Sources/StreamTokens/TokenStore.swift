/// Where tokens live: the operations of a token's life, each one atomic.
///
/// Every operation is idempotent. Mint's identity is the token's own digest, that of reserve and all after it the
/// attempt's id: repeating one gives the same answer, and counts and charges nothing again.
///
/// No operation heeds the cancellation of its caller's task: what an attempt holds has to be committed or given back,
/// whatever became of its client.
public protocol TokenStore: Sendable {
    /// Makes `token` live for `ttl` seconds, if the key is known, enabled and within its limit, and its organization has
    /// credits. Both must be of the same organization.
    func mint(_ token: StreamToken, with key: APIKey, ttl: Int) async throws(StoreError) -> MintOutcome

    /// Why a reservation of the token would be refused now, nil if it would be made. Changes nothing and holds nothing:
    /// it serves to refuse a request early, and what it says may be otherwise by the time of the reservation.
    func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal?

    /// Holds the token, one credit and one stream's place for `attempt` until `lease` milliseconds from now.
    func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async throws(StoreError) -> ReserveOutcome

    /// Spends the token that `attempt` holds and turns its hold into a charge. The hold is honoured though the credits were
    /// lowered since: then it charges what is left of them, one or nothing.
    func commit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> CommitOutcome

    /// Gives back what `attempt` holds or has committed, and the credit if its commit charged one. Only an attempt that
    /// wrote no byte to its client may call it.
    func release(_ token: StreamToken, for attempt: Attempt) async throws(StoreError)

    /// Renews the leases of open streams of one organization (15 s from now); returns those that must end.
    func renew(_ streams: [OpenStream], of tag: Tag) async throws(StoreError) -> [LostStream]

    /// Takes an open stream off the organization's count.
    func end(_ attempt: Attempt, of tag: Tag) async throws(StoreError)

    /// Makes the token useless. Answers what it was before.
    func revoke(_ token: StreamToken) async throws(StoreError) -> TokenState

    /// What the token is now, without spending it.
    func show(_ token: StreamToken) async throws(StoreError) -> TokenState

    /// Whether the store answers.
    func ping() async throws(StoreError)
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
    case refused(ReserveRefusal)
}

/// Why a token cannot be reserved.
public enum ReserveRefusal: Hashable, Sendable {
    case invalid(InvalidToken)
    /// Another attempt holds the token.
    case inUse
    /// The organization's credits are gone or held by others.
    case noCredits
    /// The organization has as many streams open or reserved as it may.
    case tooManyStreams
}

/// What makes a token invalid for good. Whoever brings it is not told which: it may not be theirs.
public enum InvalidToken: String, CaseIterable, Sendable {
    /// It was not used in its time, which ended less than a minute ago.
    case expired
    case used
    /// It, or all tokens of its key or organization.
    case revoked
    /// Never minted, or forgotten since.
    case unknown
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

/// What became of a commit.
public enum CommitOutcome: Hashable, Sendable {
    case committed
    /// The attempt holds the token no longer: its lease ended, or the token was revoked. No stream may open.
    case lost
}

/// Why a store gave no answer.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// Whether the operation may have taken effect all the same.
    public let mayHaveBeenExecuted: Bool
    /// The reason, for an operator. Holds no secret.
    public let description: String

    public init(_ description: String, mayHaveBeenExecuted: Bool) {
        self.description = description
        self.mayHaveBeenExecuted = mayHaveBeenExecuted
    }
}
