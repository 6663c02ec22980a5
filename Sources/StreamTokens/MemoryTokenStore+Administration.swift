extension MemoryTokenStore: Administration {
    public func organization(named name: String, candidates: @Sendable () -> Tag) -> Organization {
        if let existing = findOrganization(named: name) { return existing }
        var tag = candidates()
        while states[tag] != nil { tag = candidates() }
        let state = OrganizationState(name: name, tag: tag)
        states[tag] = state
        return describe(state)
    }

    public func organizations() -> [Organization] {
        states.values.sorted { $0.name < $1.name }.map { describe($0) }
    }

    public func findOrganization(named name: String) -> Organization? {
        states.values.first { $0.name == name }.map { describe($0) }
    }

    public func setCredits(_ credits: Int?, of organization: String) -> Bool {
        update(organization) { $0.credits = credits }
    }

    public func addCredits(_ credits: Int, to organization: String) -> Bool {
        update(organization) { $0.credits = $0.credits.map { $0 + credits } }
    }

    public func setMaxStreams(_ count: Int, of organization: String) -> Bool {
        update(organization) { $0.maxStreams = count }
    }

    public func revokeTokens(of organization: String) -> Bool {
        update(organization) { $0.epoch += 1 }
    }

    public func addKey(_ key: APIKey, limit: RateLimit) throws(StoreError) {
        guard states[key.tag] != nil else {
            throw StoreError("no organization has the tag \(key.tag)", mayHaveBeenExecuted: false)
        }
        states[key.tag]?.add(key, limit: limit)
    }

    public func keys(of organization: String?) -> [KeyRecord] {
        states.values
            .filter { organization == nil || $0.name == organization }
            .flatMap { state in
                state.keys.map { id, key in
                    KeyRecord(id: id, organization: state.name, enabled: key.isEnabled, rate: key.limit)
                }
            }
            .sorted { ($0.organization, $0.id) < ($1.organization, $1.id) }
    }

    public func setKey(_ id: String, enabled: Bool) -> Bool {
        guard let tag = states.values.first(where: { $0.keys[id] != nil })?.tag else { return false }
        states[tag]?.setKey(id, enabled: enabled)
        return true
    }

    public func useKey(_ key: APIKey, requests: Int) {
        states[key.tag]?.use(key, requests: requests, at: now)
    }

    public func removeOrganization(named name: String) {
        states = states.filter { $0.value.name != name }
    }

    private func describe(_ state: OrganizationState) -> Organization {
        Organization(
            name: state.name,
            tag: state.tag,
            credits: state.credits,
            maxStreams: state.maxStreams,
            held: state.held.count(at: now),
            open: state.open.count(at: now)
        )
    }

    private func update(_ name: String, _ change: (inout OrganizationState) -> Void) -> Bool {
        guard let tag = states.values.first(where: { $0.name == name })?.tag else { return false }
        change(&states[tag, default: OrganizationState(name: name, tag: tag)])
        return true
    }
}
