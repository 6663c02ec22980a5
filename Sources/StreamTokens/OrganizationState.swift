/// What the memory store keeps of an organization. Every operation is told the time, in milliseconds since 1970.
struct OrganizationState: Sendable {
    let name: String
    let tag: Tag
    /// Nil is unlimited.
    var credits: Int?
    var maxStreams = Organization.standardMaxStreams
    /// Rises when all tokens are revoked: those of an older epoch are worth nothing.
    var epoch = 0
    /// By the keys' ids.
    var keys: [String: KeyState] = [:]
    /// What the epochs of keys were raised to that were removed: their tokens stay revoked, should they come back.
    var removedKeyEpochs: [String: Int] = [:]
    var held = Leases()
    var open = Leases()
    private var records: [Digest: TokenRecord] = [:]
    /// At how many records those that have lapsed are removed.
    private var sweepCount = 1024

    init(name: String, tag: Tag) {
        self.name = name
        self.tag = tag
    }

    /// The token's record, if it is still known at `now`.
    func record(of token: StreamToken, at now: Int) -> TokenRecord? {
        guard let record = records[token.digest], record.isKept(at: now) else { return nil }
        return record
    }

    /// Whether nothing is known of the token any more, but that it has expired lately.
    func hasExpired(_ token: StreamToken, at now: Int) -> Bool {
        records[token.digest]?.hasExpired(at: now) ?? false
    }

    mutating func set(_ record: TokenRecord, of token: StreamToken, at now: Int) {
        records[token.digest] = record
        guard records.count >= sweepCount else { return }
        records = records.filter { $0.value.isKept(at: now) || $0.value.hasExpired(at: now) }
        // A sweep is paid for by as many operations as there were records left.
        sweepCount = max(1024, records.count * 2)
    }

    /// Whether the epochs of the token's organization or key have risen since its mint.
    func isOutdated(_ record: TokenRecord) -> Bool {
        record.epoch != epoch || record.keyEpoch != keyEpoch(of: record.keyID)
    }

    /// The epoch of a key that is there, or was.
    func keyEpoch(of id: String) -> Int? {
        keys[id]?.epoch ?? removedKeyEpochs[id]
    }

    func show(_ token: StreamToken, at now: Int) -> TokenState {
        guard let record = record(of: token, at: now) else { return .unknown }
        return record.state(at: now, isOutdated: isOutdated(record))
    }
}

/// What attempts hold, each until its lease ends.
struct Leases: Sendable {
    private var ends: [Attempt: Int] = [:]

    /// How many have not ended at `now`.
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
