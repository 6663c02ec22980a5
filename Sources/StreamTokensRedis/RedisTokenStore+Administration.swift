import FunctionRedis
public import StreamTokens

extension RedisTokenStore: Administration {
    /// The hash of organizations' tags by name.
    static let names = "st:orgs"
    /// How long a call that must not be executed twice is remembered, in milliseconds.
    static let repetitionWindow = 60_000
    /// How many tags to try for an organization: of 62⁶, even two in a row are hardly ever taken.
    private static let maxTries = 100

    public func organization(
        named name: String,
        candidates: @Sendable () -> Tag
    ) async throws(StoreError) -> Organization {
        for _ in 0..<Self.maxTries {
            let known = try await tag(of: name)
            let tag = known ?? candidates()
            guard try await claim(tag, for: name) else {
                guard known == nil else {
                    throw StoreError("the tag of \(name) belongs to another organization", mayHaveBeenExecuted: false)
                }
                continue
            }
            if known == nil, try await !enter(name, tag) {
                // Somebody made the same organization meanwhile: use theirs and free our tag.
                if try await self.tag(of: name) != tag { _ = try await remove(everythingOf: tag) }
                continue
            }
            if let organization = try await organization(tag) { return organization }
        }
        throw StoreError("every tag that was tried for \(name) is taken", mayHaveBeenExecuted: true)
    }

    public func organizations() async throws(StoreError) -> [Organization] {
        var organizations: [Organization] = []
        for (_, tag) in try await tags() {
            if let organization = try await organization(tag) { organizations.append(organization) }
        }
        return organizations.sorted { $0.name < $1.name }
    }

    public func findOrganization(named name: String) async throws(StoreError) -> Organization? {
        guard let tag = try await tag(of: name) else { return nil }
        return try await organization(tag)
    }

    public func setCredits(_ credits: Int?, of organization: String) async throws(StoreError) -> Bool {
        guard let credits else { return try await configure(organization, "HDEL", "credits") }
        return try await configure(organization, "HSET", "credits", "\(credits)")
    }

    public func addCredits(_ credits: Int, to organization: String) async throws(StoreError) -> Bool {
        guard let tag = try await tag(of: organization) else { return false }
        var command = RedisCommand(evaluating: Scripts.addCredits, keyCount: 2)
        command.appendOrganization(tag)
        command.appendCall(.random { .random(in: 0 ... .max) }, of: tag)
        command.append(credits)
        command.append(Self.repetitionWindow)
        return try await perform(command, \.isYes)
    }

    public func setMaxStreams(_ count: Int, of organization: String) async throws(StoreError) -> Bool {
        try await configure(organization, "HSET", "max_streams", "\(count)")
    }

    public func revokeTokens(of organization: String) async throws(StoreError) -> Bool {
        try await configure(organization, "HINCRBY", "epoch", "1")
    }

    func tags() async throws(StoreError) -> [(name: String, tag: Tag)] {
        let command = RedisCommand("HGETALL", Self.names)
        return try await perform(command, \.pairs).compactMap { name, tag in Tag(tag).map { (name, $0) } }
    }

    func tag(of name: String) async throws(StoreError) -> Tag? {
        let command = RedisCommand("HGET", Self.names, name)
        return try await perform(command) { reply in
            reply == .null ? .some(nil) : reply.text.flatMap { Tag($0) }.map { .some($0) }
        }
    }

    /// Takes a tag for an organization. Returns false if another one has it.
    private func claim(_ tag: Tag, for name: String) async throws(StoreError) -> Bool {
        let key = "st:{\(tag)}:org"
        if try await perform(RedisCommand("HSETNX", key, "name", name), \.isYes) { return true }
        // The tag is ours if this is a repetition, or if somebody else makes the same organization with the same tag.
        return try await perform(RedisCommand("HGET", key, "name")) { reply in
            reply.text.map { $0.utf8.elementsEqual(name.utf8) } ?? false
        }
    }

    /// Enters the organization under its name; returns false if the name is taken.
    private func enter(_ name: String, _ tag: Tag) async throws(StoreError) -> Bool {
        try await perform(RedisCommand("HSETNX", Self.names, name, tag.text), \.isYes)
    }

    func organization(_ tag: Tag) async throws(StoreError) -> Organization? {
        var command = RedisCommand(evaluating: Scripts.organization, keyCount: 3)
        command.appendOrganization(tag)
        command.appendHeld(tag)
        command.appendOpen(tag)
        command.append(clock)
        return try await perform(command) { Organization.read($0, tag) }
    }

    private func configure(_ organization: String, _ change: String...) async throws(StoreError) -> Bool {
        guard let tag = try await tag(of: organization) else { return false }
        var command = RedisCommand(evaluating: Scripts.configure, keyCount: 1)
        command.appendOrganization(tag)
        for word in change { command.append(word) }
        return try await perform(command, \.isYes)
    }
}
