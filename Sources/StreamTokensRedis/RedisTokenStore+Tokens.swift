import FunctionRedis
public import StreamTokens

extension RedisTokenStore: TokenStore {
    /// The most bytes of a policy that the token's record keeps, which each operation writes anew. Most of a longer one
    /// has a name of its own and is written once.
    static let inlineLimit = 512

    public func mint(
        _ token: StreamToken,
        with key: APIKey,
        ttl: Int,
        policy: Policy?
    ) async throws(StoreError) -> MintOutcome {
        precondition(token.tag == key.tag, "token and key must have the same organization")
        let isSplit = policy.map { $0.encoded.count > Self.inlineLimit } ?? false
        // Mints are joined only with those that have as many arguments.
        var command = RedisCommand(
            evaluating: script(Scripts.mint),
            keyCount: isSplit ? 4 : 3,
            joining: groupLimit,
            capacity: 256 + (policy.map { 144 + $0.encoded.count } ?? 0)
        )
        command.appendOrganization(key.tag)
        command.append(key)
        command.appendOwn {
            $0.append(token)
            if isSplit { $0.append(policyOf: token) }
        }
        command.append(clock)
        command.append(key.id)
        command.append(Lifetime.refusal)
        command.appendOwn {
            $0.append(ttl)
            $0.append(ttl * 1000 + Lifetime.expired)
            if let policy { $0.append(policy) }
        }
        return try await perform(command, MintOutcome.init)
    }

    public func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal? {
        let command = makeCommand(Scripts.check, over: token)
        return try await perform(command) { reply -> ReserveRefusal?? in
            reply.integer == 0 ? .some(nil) : reply.integer.flatMap { ReserveRefusal(code: $0) }
        }
    }

    public func reserve(
        _ token: StreamToken,
        for attempt: Attempt,
        lease: Int
    ) async throws(StoreError) -> ReserveOutcome {
        var command = makeCommand(Scripts.reserve, over: token, withPolicy: true)
        command.append(attempt)
        command.append(lease)
        return try await perform(command) { ReserveOutcome($0, token, attempt) }
    }

    public func commit(
        _ token: StreamToken,
        for attempt: Attempt,
        countsAsOpen: Bool
    ) async throws(StoreError) -> CommitOutcome {
        var command = makeCommand(Scripts.commit, over: token)
        command.append(attempt)
        command.append(countsAsOpen ? Lifetime.stream : 0)
        command.append(Lifetime.tombstone)
        return try await perform(command, isDurable: true, CommitOutcome.init)
    }

    public func admit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> AdmitOutcome {
        var command = RedisCommand(evaluating: script(Scripts.admit), keyCount: 4)
        command.appendOrganization(token.tag)
        command.append(token)
        command.appendHeld(token.tag)
        command.append(policyOf: token)
        command.append(clock)
        command.append(attempt)
        command.append(Lifetime.tombstone)
        command.append(Lifetime.repetition)
        command.append(Lifetime.stream)
        return try await perform(command, isDurable: true) { AdmitOutcome($0, token, attempt) }
    }

    public func release(
        _ token: StreamToken,
        for attempt: Attempt,
        refusal: PolicyRefusal?
    ) async throws(StoreError) {
        var command = makeCommand(Scripts.release, over: token)
        command.append(attempt)
        if let refusal { command.append(refusal.rawValue) }
        _ = try await perform(command, \.integer)
    }

    /// A command whose KEYS are a token, its organization and the organization's counts, and perhaps the token's policy.
    /// The clock is the first of ARGV.
    private func makeCommand(
        _ source: RedisScript,
        over token: StreamToken,
        withPolicy: Bool = false
    ) -> RedisCommand {
        var command = RedisCommand(evaluating: script(source), keyCount: withPolicy ? 5 : 4)
        command.appendOrganization(token.tag)
        command.append(token)
        command.appendHeld(token.tag)
        command.appendOpen(token.tag)
        if withPolicy { command.append(policyOf: token) }
        command.append(clock)
        return command
    }

    public func renew(
        _ streams: [OpenStream],
        reserved: [OpenStream],
        of tag: Tag
    ) async throws(StoreError) -> [LostStream] {
        let all = reserved.isEmpty ? streams : streams + reserved
        guard !all.isEmpty else { return [] }
        var command = RedisCommand(
            evaluating: script(Scripts.renew),
            keyCount: 2 + all.count + (reserved.isEmpty ? 0 : 1 + reserved.count),
            capacity: 256 + 128 * all.count + 64 * reserved.count
        )
        command.appendOrganization(tag)
        command.appendOpen(tag)
        for stream in all { command.append(stream.token) }
        if !reserved.isEmpty { command.appendHeld(tag) }
        for stream in reserved { command.append(policyOf: stream.token) }
        command.append(clock)
        command.append(Lifetime.stream)
        command.append(Lifetime.tombstone)
        for stream in all {
            command.append(stream.attempt)
            command.append(originOf: stream)
        }
        if !reserved.isEmpty { command.append(reserved.count) }
        return try await perform(command) { LostStream.all($0, of: all) }
    }

    public func end(_ attempt: Attempt, of tag: Tag) async throws(StoreError) {
        var command = RedisCommand("ZREM")
        command.appendOpen(tag)
        command.append(attempt)
        _ = try await perform(command, \.integer)
    }

    public func revoke(_ token: StreamToken) async throws(StoreError) -> TokenState {
        var command = makeCommand(Scripts.revoke, over: token)
        command.append(Lifetime.tombstone)
        return try await perform(command, TokenState.init)
    }

    public func inspect(_ token: StreamToken) async throws(StoreError) -> TokenDetails {
        try await perform(makeCommand(Scripts.show, over: token, withPolicy: true), TokenDetails.init)
    }

    public func ping() async throws(StoreError) {
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await client.perform(oneOf: Self.probes)
        } catch {
            throw StoreError(error.description, mayHaveBeenExecuted: false)
        }
        guard reply == .null || reply == .status("OK") else {
            throw StoreError("Redis: an unexpected reply", mayHaveBeenExecuted: false)
        }
    }

    /// Writes of a token's record, in several slots. They fail whenever a mint would, on a replica or for lack of
    /// replicas, memory or rights. XX writes only to an existing key, and these do not exist.
    private static let probes = (0..<16).map { RedisCommand("SET", "st:{\(Tag.rehearsal)\($0)}:tok:0", "", "XX") }
}
