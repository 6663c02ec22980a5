extension OrganizationState {
    /// Adds a key. An existing one gets the name and the limit, its count starts again, and the rest stays as it is.
    mutating func add(_ key: APIKey, name: String?, limit: RateLimit, requiresPolicy: Bool) {
        var state =
            keys[key.id]
            ?? KeyState(digest: key.digest, limit: limit, epoch: removedKeyEpochs.removeValue(forKey: key.id) ?? 0)
        state.name = name
        state.limit = limit
        state.requiresPolicy = requiresPolicy
        state.counter = RateCounter()
        keys[key.id] = state
    }

    /// Enables or disables a key; disabling one that was enabled revokes its tokens.
    mutating func setKey(_ id: String, enabled: Bool) {
        guard var key = keys[id], key.isEnabled != enabled else { return }
        key.isEnabled = enabled
        if !enabled { key.epoch += 1 }
        keys[id] = key
    }

    mutating func updateKey(_ id: String, _ change: KeyChange) {
        guard var key = keys[id] else { return }
        if let name = change.name { key.name = name.isEmpty ? nil : name }
        let limit = RateLimit(limit: change.limit ?? key.limit.limit, window: change.window ?? key.limit.window)
        if limit.window != key.limit.window { key.counter = RateCounter() }
        key.limit = limit
        if let requiresPolicy = change.requiresPolicy { key.requiresPolicy = requiresPolicy }
        keys[id] = key
    }

    mutating func removeKey(_ id: String) {
        guard let key = keys.removeValue(forKey: id) else { return }
        removedKeyEpochs[id] = key.epoch + 1
    }

    var keyRecords: [KeyRecord] { keys.keys.compactMap { keyRecord(of: $0) } }

    func keyRecord(of id: String) -> KeyRecord? {
        keys[id].map { key in
            KeyRecord(
                id: id,
                organization: name,
                name: key.name,
                enabled: key.isEnabled,
                rate: key.limit,
                requiresPolicy: key.requiresPolicy
            )
        }
    }

    /// Counts requests of a key as made at `now`.
    mutating func use(_ key: APIKey, requests: Int, at now: Int) {
        guard var state = keys[key.id], state.digest == key.digest else { return }
        state.counter.advance(to: now, state.limit)
        state.counter.add(requests)
        keys[key.id] = state
    }
}

/// The memory store's data about an API key.
struct KeyState: Sendable {
    let digest: Digest
    var name: String?
    var limit: RateLimit
    var counter = RateCounter()
    var isEnabled = true
    /// Whether it mints only tokens with a policy.
    var requiresPolicy = false
    /// Rises when the key is disabled or removed: tokens of an older epoch are revoked.
    var epoch = 0
}
