import Redis
public import Tokens

extension RedisTokenStore: Administration {
    /// Where the tags of organizations are found by their names.
    private static let names = "st:orgs"
    /// How long a call is remembered that must not be carried out twice, in milliseconds.
    static let repetitionWindow = 60_000
    /// How many tags are tried for an organization: of 62⁶, two in a row are hardly ever taken.
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
                    throw StoreError("the tag of \(name) is another organization's", mayHaveBeenExecuted: false)
                }
                continue
            }
            if known == nil, try await !enter(name, tag) {
                // Somebody made the same organization meanwhile: theirs it is, and our tag is free again.
                if try await self.tag(of: name) != tag { try await remove(everythingOf: tag) }
                continue
            }
            if let organization = try await organization(tag) { return organization }
        }
        throw StoreError("Redis has every tag taken that was tried for \(name)", mayHaveBeenExecuted: true)
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
        try await configure(organization) { command in
            command.append(credits == nil ? "HDEL" : "HSET")
            command.append("credits")
            if let credits { command.append(credits) }
        }
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
        try await configure(organization) { command in
            command.append("HSET")
            command.append("max_streams")
            command.append(count)
        }
    }

    public func revokeTokens(of organization: String) async throws(StoreError) -> Bool {
        try await configure(organization) { command in
            command.append("HINCRBY")
            command.append("epoch")
            command.append(1)
        }
    }

    public func removeOrganization(named name: String) async throws(StoreError) {
        guard let tag = try await tag(of: name) else { return }
        try await remove(everythingOf: tag)
        let command = RedisCommand("HDEL", Self.names, name)
        _ = try await perform(command, \.integer)
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

    /// Takes a tag for an organization, if no other has it.
    private func claim(_ tag: Tag, for name: String) async throws(StoreError) -> Bool {
        var command = RedisCommand("HSETNX")
        command.appendOrganization(tag)
        command.append("name")
        command.append(name)
        if try await perform(command, \.isYes) { return true }
        var query = RedisCommand("HGET")
        query.appendOrganization(tag)
        query.append("name")
        // It is ours if this is a repetition, or if somebody else makes the same organization with the same tag.
        return try await perform(query) { $0.text == name }
    }

    /// Lets the organization be found under its name; answers false if one of that name is there.
    private func enter(_ name: String, _ tag: Tag) async throws(StoreError) -> Bool {
        let command = RedisCommand("HSETNX", Self.names, name, tag.text)
        return try await perform(command, \.isYes)
    }

    private func organization(_ tag: Tag) async throws(StoreError) -> Organization? {
        var command = RedisCommand(evaluating: Scripts.organization, keyCount: 3)
        command.appendOrganization(tag)
        command.appendHeld(tag)
        command.appendOpen(tag)
        command.append(clock)
        return try await perform(command) { Organization.read($0, tag) }
    }

    private func configure(
        _ organization: String,
        _ change: (inout RedisCommand) -> Void
    ) async throws(StoreError) -> Bool {
        guard let tag = try await tag(of: organization) else { return false }
        var command = RedisCommand(evaluating: Scripts.configure, keyCount: 1)
        command.appendOrganization(tag)
        change(&command)
        return try await perform(command, \.isYes)
    }

    /// Removes what carries the tag: first what makes it an organization, so that nothing is added meanwhile.
    private func remove(everythingOf tag: Tag) async throws(StoreError) {
        var command = RedisCommand("UNLINK")
        command.appendOrganization(tag)
        _ = try await perform(command, \.integer)
        var cursor = "0"
        repeat {
            var scan = RedisCommand("SCAN", besideKey: "st:{\(tag)}:org")
            scan.append(cursor)
            scan.append("MATCH")
            scan.append("st:{\(tag)}:*")
            scan.append("COUNT")
            scan.append(1000)
            let (next, names) = try await perform(scan) { reply -> (String, [String])? in
                guard let elements = reply.elements, elements.count == 2, let next = elements[0].text,
                    let names = elements[1].texts
                else { return nil }
                return (next, names)
            }
            if !names.isEmpty {
                var unlink = RedisCommand("UNLINK", capacity: 64 * names.count)
                for name in names { unlink.append(name) }
                _ = try await perform(unlink, \.integer)
            }
            cursor = next
        } while cursor != "0"
    }
}
