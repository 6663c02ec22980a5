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
        state(named: name).map { describe($0) }
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

    @discardableResult
    public func removeOrganization(named name: String) -> Bool {
        guard let tag = state(named: name)?.tag else { return false }
        states[tag] = nil
        runs.remove { $0.tag == tag }
        return true
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
        guard let tag = state(named: name)?.tag else { return false }
        change(&states[tag, default: OrganizationState(name: name, tag: tag)])
        return true
    }

    /// Names are compared by their bytes, as in Redis: two names that only look the same are two organizations.
    func state(named name: String) -> OrganizationState? {
        states.values.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}
