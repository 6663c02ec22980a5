import FunctionRedis
public import StreamTokens

/// Each key is a field `key:<id>` = `<standing>:<epoch>:<digest>` of its organization's hash, and a hash of its own
/// under the digest. The standing is 1 for an enabled key and 0 for a disabled one, plus 2 if it mints only tokens with
/// a policy: functions that know of no policies take such a key for a disabled one. Of a removed key, `0:<epoch>` stays.
extension RedisTokenStore {
    private static let fieldPrefix = "key:"

    public func addKey(
        _ key: APIKey,
        name: String?,
        limit: RateLimit,
        requiresPolicy: Bool
    ) async throws(StoreError) {
        var command = RedisCommand(evaluating: Scripts.addKey, keyCount: 2)
        command.appendOrganization(key.tag)
        command.append(key)
        command.append(key.id)
        command.append(key.digest.description)
        command.append(limit.limit)
        command.append(limit.window)
        command.append(name ?? "")
        command.append(requiresPolicy ? 1 : 0)
        guard try await perform(command, \.isYes) else {
            throw StoreError("no organization has the tag \(key.tag)", mayHaveBeenExecuted: false)
        }
    }

    public func keys(of organization: String?) async throws(StoreError) -> [KeyRecord] {
        var records: [KeyRecord] = []
        for (name, tag) in try await tags(of: organization) {
            for (id, standing) in try await standings(of: tag) {
                guard let record = try await record(of: id, standing, name, tag) else { continue }
                records.append(record)
            }
        }
        return records.sorted { ($0.organization, $0.id) < ($1.organization, $1.id) }
    }

    public func findKey(_ key: KeyReference) async throws(StoreError) -> KeyRecord? {
        guard let (tag, standing) = try await locate(key) else { return nil }
        // An organization that was just removed has no name.
        let command = RedisCommand("HGET", "st:{\(tag)}:org", "name")
        guard let name = try await perform(command, { .some($0.text) }) else { return nil }
        return try await record(of: key.id, standing, name, tag)
    }

    public func setKey(_ key: KeyReference, enabled: Bool) async throws(StoreError) -> Bool {
        switch key {
        case .key(let key): return try await setKey(key.id, key.digest.description, key.tag, enabled: enabled)
        case .id(let id):
            for (_, tag) in try await tags() {
                if try await setKey(id, "", tag, enabled: enabled) { return true }
            }
            return false
        }
    }

    private func setKey(
        _ id: String,
        _ digest: String,
        _ tag: Tag,
        enabled: Bool
    ) async throws(StoreError) -> Bool {
        var command = RedisCommand(evaluating: Scripts.setKey, keyCount: 1)
        command.appendOrganization(tag)
        command.append(id)
        command.append(digest)
        command.append(enabled ? 1 : 0)
        return try await perform(command, \.isYes)
    }

    public func updateKey(_ key: KeyReference, _ change: KeyChange) async throws(StoreError) -> Bool {
        guard let (tag, standing) = try await locate(key) else { return false }
        var command = makeCommand(Scripts.updateKey, over: key.id, standing.digest, tag)
        let fields = [
            ("name", change.name), ("limit", change.limit.map(String.init)),
            ("window", change.window.map(String.init)), ("policy", change.requiresPolicy.map { $0 ? "1" : "0" }),
        ]
        for case (let field, let value?) in fields {
            command.append(field)
            command.append(value)
        }
        return try await perform(command, \.isYes)
    }

    public func removeKey(_ key: KeyReference) async throws(StoreError) -> Bool {
        guard let (tag, standing) = try await locate(key) else { return false }
        return try await perform(makeCommand(Scripts.removeKey, over: key.id, standing.digest, tag), \.isYes)
    }

    /// A command whose KEYS are an organization and one of its keys. The key's id and digest come first in ARGV.
    private func makeCommand(_ source: RedisScript, over id: String, _ digest: String, _ tag: Tag) -> RedisCommand {
        var command = RedisCommand(evaluating: source, keyCount: 2)
        command.appendOrganization(tag)
        command.append("st:{\(tag)}:key:\(digest)")
        command.append(id)
        command.append(digest)
        return command
    }

    /// Finds a key: its organization's tag and its standing.
    private func locate(_ key: KeyReference) async throws(StoreError) -> (tag: Tag, standing: KeyStanding)? {
        switch key {
        case .key(let key):
            guard let standing = try await standing(of: key.id, key.tag), standing.digest == key.digest.description
            else { return nil }
            return (key.tag, standing)
        case .id(let id):
            for (_, tag) in try await tags() {
                if let standing = try await standing(of: id, tag) { return (tag, standing) }
            }
            return nil
        }
    }

    private func standing(of id: String, _ tag: Tag) async throws(StoreError) -> KeyStanding? {
        let command = RedisCommand("HGET", "st:{\(tag)}:org", Self.fieldPrefix + id)
        return try await perform(command) { .some($0.text.flatMap(KeyStanding.init)) }
    }

    public func useKey(_ key: APIKey, requests: Int) async throws(StoreError) {
        var command = RedisCommand(evaluating: Scripts.useKey, keyCount: 2)
        command.append(key)
        command.appendCall(.random { .random(in: 0 ... .max) }, of: key.tag)
        command.append(clock)
        command.append(requests)
        command.append(RateLimit.limits.upperBound)
        command.append(Self.repetitionWindow)
        _ = try await perform(command, \.integer)
    }

    private func tags(of organization: String?) async throws(StoreError) -> [(name: String, tag: Tag)] {
        guard let organization else { return try await tags() }
        return try await tag(of: organization).map { [(organization, $0)] } ?? []
    }

    func standings(of tag: Tag) async throws(StoreError) -> [(id: String, standing: KeyStanding)] {
        let command = RedisCommand("HGETALL", "st:{\(tag)}:org")
        return try await perform(command, \.pairs).compactMap { field, value in
            guard field.hasPrefix(Self.fieldPrefix), let standing = KeyStanding(value) else { return nil }
            return (String(field.dropFirst(Self.fieldPrefix.count)), standing)
        }
    }

    private func record(
        of id: String,
        _ standing: KeyStanding,
        _ organization: String,
        _ tag: Tag
    ) async throws(StoreError) -> KeyRecord? {
        let command = RedisCommand("HMGET", "st:{\(tag)}:key:\(standing.digest)", "limit", "window", "name")
        return try await perform(command) { reply in
            guard let elements = reply.elements, elements.count == 3 else { return nil }
            guard let limit = elements[0].decimal, let window = elements[1].decimal,
                RateLimit.limits.contains(limit), RateLimit.windows.contains(window)
            else { return .some(nil) }
            return KeyRecord(
                id: id,
                organization: organization,
                name: elements[2].text.flatMap { $0.isEmpty ? nil : $0 },
                enabled: standing.isEnabled,
                rate: RateLimit(limit: limit, window: window),
                requiresPolicy: standing.requiresPolicy
            )
        }
    }
}

/// The value of a key's field in its organization's hash: `<standing>:<epoch>:<digest>`. The field of a removed key has
/// no digest and is not read.
struct KeyStanding: Sendable {
    let isEnabled: Bool
    let requiresPolicy: Bool
    let digest: String

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        isEnabled = parts[0] == "1" || parts[0] == "3"
        requiresPolicy = parts[0] == "2" || parts[0] == "3"
        digest = String(parts[2])
    }
}
