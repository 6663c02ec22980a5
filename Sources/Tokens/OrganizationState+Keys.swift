extension OrganizationState {
    /// Adds a key. One that is there already gets the limit, with its count begun anew, and stays as it is otherwise.
    mutating func add(_ key: APIKey, limit: RateLimit) {
        var state = keys[key.id] ?? KeyState(digest: key.digest, limit: limit)
        state.limit = limit
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

    /// Counts requests of a key as made at `now`.
    mutating func use(_ key: APIKey, requests: Int, at now: Int) {
        guard var state = keys[key.id], state.digest == key.digest else { return }
        state.counter.advance(to: now, state.limit)
        state.counter.add(requests)
        keys[key.id] = state
    }
}
