/// The memory store's data about an organization. Every operation takes the time, in milliseconds since 1970.
struct OrganizationState: Sendable {
    let name: String
    let tag: Tag
    /// Nil is unlimited.
    var credits: Int?
    var maxStreams = Organization.standardMaxStreams
    /// Rises when all tokens are revoked: those of an older epoch are invalid.
    var epoch = 0
    /// Keyed by the keys' ids.
    var keys: [String: KeyState] = [:]
    /// The epochs of removed keys, raised at the removal: their tokens stay revoked if the keys come back.
    var removedKeyEpochs: [String: Int] = [:]
    var held = Leases()
    var open = Leases()
    private var records: [Digest: TokenRecord] = [:]
    /// The number of records at which those that have lapsed are removed.
    private var sweepCount = 1024

    init(name: String, tag: Tag) {
        self.name = name
        self.tag = tag
    }

    /// The token's record, unless it has lapsed at `now`.
    func record(of token: StreamToken, at now: Int) -> TokenRecord? {
        guard let record = records[token.digest], record.isKept(at: now) else { return nil }
        return record
    }

    /// Whether the token expired less than a minute ago, without having been used.
    func hasExpired(_ token: StreamToken, at now: Int) -> Bool {
        records[token.digest]?.hasExpired(at: now) ?? false
    }

    mutating func set(_ record: TokenRecord, of token: StreamToken, at now: Int) {
        records[token.digest] = record
        guard records.count >= sweepCount else { return }
        records = records.filter { $0.value.isKept(at: now) || $0.value.hasExpired(at: now) }
        // Each sweep is followed by at least as many operations as it left records: constant cost on average.
        sweepCount = max(1024, records.count * 2)
    }

    /// Whether the epochs of the token's organization or key have risen since its mint.
    func isOutdated(_ record: TokenRecord) -> Bool {
        record.epoch != epoch || record.keyEpoch != keyEpoch(of: record.keyID)
    }

    /// The epoch of a key, also of a removed one.
    func keyEpoch(of id: String) -> Int? {
        keys[id]?.epoch ?? removedKeyEpochs[id]
    }

    func inspect(_ token: StreamToken, at now: Int) -> TokenDetails {
        guard let record = record(of: token, at: now) else { return .unknown }
        return record.details(at: now, isOutdated: isOutdated(record))
    }
}

/// The leases of attempts.
struct Leases: Sendable {
    private var ends: [Attempt: Int] = [:]

    /// How many leases have not ended at `now`.
    func count(at now: Int) -> Int {
        ends.values.count { now < $0 }
    }

    /// Adds a lease or renews it, and drops those that have ended at `now`.
    mutating func add(_ attempt: Attempt, until end: Int, at now: Int) {
        ends = ends.filter { now < $0.value }
        ends[attempt] = end
    }

    mutating func remove(_ attempt: Attempt) {
        ends[attempt] = nil
    }
}
