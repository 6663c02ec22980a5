/// The part of ``Administration`` that concerns keys.
extension MemoryTokenStore {
    public func addKey(_ key: APIKey, name: String?, limit: RateLimit, requiresPolicy: Bool) throws(StoreError) {
        guard states[key.tag] != nil else {
            throw StoreError("no organization has the tag \(key.tag)", mayHaveBeenExecuted: false)
        }
        states[key.tag]?.add(key, name: name, limit: limit, requiresPolicy: requiresPolicy)
    }

    public func keys(of organization: String?) -> [KeyRecord] {
        let chosen = organization.map { [state(named: $0)].compactMap(\.self) } ?? Array(states.values)
        return chosen.flatMap(\.keyRecords).sorted { ($0.organization, $0.id) < ($1.organization, $1.id) }
    }

    public func findKey(_ key: KeyReference) -> KeyRecord? {
        tag(of: key).flatMap { states[$0]?.keyRecord(of: key.id) }
    }

    public func setKey(_ key: KeyReference, enabled: Bool) -> Bool {
        update(key) { $0.setKey(key.id, enabled: enabled) }
    }

    public func updateKey(_ key: KeyReference, _ change: KeyChange) -> Bool {
        update(key) { $0.updateKey(key.id, change) }
    }

    public func removeKey(_ key: KeyReference) -> Bool {
        update(key) { $0.removeKey(key.id) }
    }

    public func useKey(_ key: APIKey, requests: Int) {
        states[key.tag]?.use(key, requests: requests, at: now)
    }

    private func update(_ key: KeyReference, _ change: (inout OrganizationState) -> Void) -> Bool {
        guard let tag = tag(of: key), var state = states[tag] else { return false }
        change(&state)
        states[tag] = state
        return true
    }

    /// The tag of the organization that has the key.
    private func tag(of key: KeyReference) -> Tag? {
        switch key {
        case .id(let id): states.values.first { $0.keys[id] != nil }?.tag
        case .key(let key): states[key.tag]?.keys[key.id]?.digest == key.digest ? key.tag : nil
        }
    }
}
