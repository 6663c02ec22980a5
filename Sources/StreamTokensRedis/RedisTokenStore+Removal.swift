import FunctionRedis
public import StreamTokens

/// Removing an organization: first its keys and counts, in a single step, then its name, then data that would expire by
/// itself.
///
/// If this is interrupted, nothing can be minted or opened any more, and removing the organization again completes it.
extension RedisTokenStore {
    @discardableResult
    public func removeOrganization(named name: String) async throws(StoreError) -> Bool {
        guard let tag = try await tag(of: name) else { return false }
        return try await remove(everythingOf: tag, named: name)
    }

    /// Returns whether there was an organization. `name` is the name to remove.
    func remove(everythingOf tag: Tag, named name: String? = nil) async throws(StoreError) -> Bool {
        let wasThere = try await organization(tag) != nil
        while try await !removeAtOnce(tag) {}
        if let name { _ = try await perform(RedisCommand("HDEL", Self.names, name), \.integer) }
        try await sweep(tag)
        return wasThere
    }

    /// Removes organization, keys and counts; returns false if a key was added meanwhile.
    private func removeAtOnce(_ tag: Tag) async throws(StoreError) -> Bool {
        let digests = try await standings(of: tag).map(\.standing.digest)
        var command = RedisCommand(
            evaluating: Scripts.removeOrganization,
            keyCount: 3 + digests.count,
            capacity: 256 + 64 * digests.count
        )
        command.appendOrganization(tag)
        command.appendHeld(tag)
        command.appendOpen(tag)
        for digest in digests { command.append("st:{\(tag)}:key:\(digest)") }
        return try await perform(command, \.isYes)
    }

    /// Removes everything else with the tag: tokens and runs, which are useless without their key, and records of calls. If
    /// somebody has made the organization anew meanwhile, it and its keys stay.
    private func sweep(_ tag: Tag) async throws(StoreError) {
        let key = "st:{\(tag)}:org"
        let prefixes = ["tok:", "call:", "run:", "log:"].map { "st:{\(tag)}:\($0)" }
        var cursor = "0"
        repeat {
            let scan = RedisCommand("SCAN", besideKey: key, cursor, "MATCH", "st:{\(tag)}:*", "COUNT", "1000")
            let (next, names) = try await perform(scan) { reply -> (String, [String])? in
                guard let elements = reply.elements, elements.count == 2, let next = elements[0].text,
                    let names = elements[1].texts
                else { return nil }
                return (next, names.filter { name in prefixes.contains { name.utf8.starts(with: $0.utf8) } })
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
