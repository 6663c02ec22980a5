import FunctionRedis
public import StreamTokens

/// Keys are the organization's fields `key:<id>` = `<enabled>:<epoch>:<digest>`, and a hash each under the digest.
extension RedisTokenStore {
    private static let fieldPrefix = "key:"

    public func addKey(_ key: APIKey, limit: RateLimit) async throws(StoreError) {
        var command = RedisCommand(evaluating: Scripts.addKey, keyCount: 2)
        command.appendOrganization(key.tag)
        command.append(key)
        command.append(key.id)
        command.append(key.digest.description)
        command.append(limit.limit)
        command.append(limit.window)
        guard try await perform(command, \.isYes) else {
            throw StoreError("no organization has the tag \(key.tag)", mayHaveBeenExecuted: false)
        }
    }

    public func keys(of organization: String?) async throws(StoreError) -> [KeyRecord] {
        var records: [KeyRecord] = []
        for (name, tag) in try await tags(of: organization) {
            for (id, isEnabled, digest) in try await standings(of: tag) {
                guard let rate = try await rate(of: digest, tag) else { continue }
                records.append(KeyRecord(id: id, organization: name, enabled: isEnabled, rate: rate))
            }
        }
        return records.sorted { ($0.organization, $0.id) < ($1.organization, $1.id) }
    }

    public func setKey(_ id: String, enabled: Bool) async throws(StoreError) -> Bool {
        for (_, tag) in try await tags() {
            var command = RedisCommand(evaluating: Scripts.setKey, keyCount: 1)
            command.appendOrganization(tag)
            command.append(id)
            command.append(enabled ? 1 : 0)
            if try await perform(command, \.isYes) { return true }
        }
        return false
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

    private func standings(of tag: Tag) async throws(StoreError) -> [(id: String, isEnabled: Bool, digest: String)] {
        let command = RedisCommand("HGETALL", "st:{\(tag)}:org")
        return try await perform(command, \.pairs).compactMap { field, value in
            let parts = value.split(separator: ":", omittingEmptySubsequences: false)
            guard field.hasPrefix(Self.fieldPrefix), parts.count == 3 else { return nil }
            return (String(field.dropFirst(Self.fieldPrefix.count)), parts[0] == "1", String(parts[2]))
        }
    }

    private func rate(of digest: String, _ tag: Tag) async throws(StoreError) -> RateLimit? {
        let command = RedisCommand("HMGET", "st:{\(tag)}:key:\(digest)", "limit", "window")
        return try await perform(command) { reply in
            guard let elements = reply.elements, elements.count == 2 else { return nil }
            guard let limit = elements[0].decimal, let window = elements[1].decimal,
                RateLimit.limits.contains(limit), RateLimit.windows.contains(window)
            else { return .some(nil) }
            return RateLimit(limit: limit, window: window)
        }
    }
}
