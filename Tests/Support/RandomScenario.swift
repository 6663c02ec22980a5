import StreamTokens

/// A few organizations, keys, tokens and attempts for random operations: only a few, so that operations interact.
struct RandomScenario {
    let names: [String]
    let tags: [StreamTokens.Tag]
    let keys: [APIKey]
    let tokens: [StreamToken]
    private let attempts: [Attempt]
    /// Those that belong to the same request.
    private let repetitions: [Attempt]
    /// The streams of the reservations, the latest last.
    private var streams: [OpenStream] = []

    init() {
        // No other scenario has these. Only the seed decides which operations use which of them.
        let bits: RandomBits = { .random(in: 0 ... .max) }
        let tags = (0..<2).map { _ in StreamTokens.Tag.random(bits) }
        names = tags.map { "organization \($0)" }
        self.tags = tags
        keys = tags.flatMap { tag in (0..<2).map { _ in APIKey.random(tag: tag, bits).key } }
        tokens = tags.flatMap { tag in (0..<4).map { _ in StreamToken.random(tag: tag, bits).token } }
        repetitions = (0..<2).map { _ in Attempt.random(bits, ofRequest: "a request") }
        attempts = (0..<3).map { _ in Attempt.random(bits) } + repetitions
    }

    /// Lets later operations use the attempt of this reservation.
    mutating func learn(_ reservation: Reservation) {
        streams.append(reservation.stream)
    }

    /// An operation: half of the time one that advances a token from its state in `snapshot`, otherwise any.
    func nextOperation(after snapshot: StoreSnapshot, _ random: inout SeededGenerator) -> StoreOperation {
        let token = pick(tokens, &random)
        let isHolder = Int.random(in: 0..<6, using: &random) > 0
        let holder = isHolder ? streams.last { $0.token == token }?.attempt : nil
        let attempt = holder ?? pick(attempts, &random)
        guard Bool.random(using: &random) else { return anyOperation(token, attempt, &random) }
        if let missing = restoration(after: snapshot, of: token.tag, &random) { return missing }
        let next: [StoreOperation] =
            switch snapshot.tokens[token] {
            case .live:
                [
                    reserve(token, pick(attempts, &random), &random), reserve(token, pick(attempts, &random), &random),
                    reserve(token, pick(attempts, &random), &random), .admit(token, pick(repetitions, &random)),
                    mint(token, &random),
                ]
            case .reserved:
                [
                    .commit(token, attempt), .commit(token, attempt), release(token, attempt, &random),
                    reserve(token, attempt, &random), reserve(token, pick(attempts, &random), &random),
                    renewReservations(token, attempt, &random), renewReservations(token, attempt, &random),
                    impediment(to: token, &random), .admit(token, pick(attempts, &random)),
                ]
            case .used:
                [
                    .commit(token, attempt), release(token, attempt, &random), renew(token, attempt, &random),
                    .end(attempt, token.tag), .revoke(token), .admit(token, pick(attempts, &random)),
                    .admit(token, pick(repetitions, &random)), .admit(token, pick(repetitions, &random)),
                    release(token, pick(repetitions, &random), &random),
                ]
            case .revoked:
                [
                    .commit(token, attempt), .release(token, attempt), renew(token, attempt, &random),
                    renewReservations(token, attempt, &random),
                ]
            case .unknown, nil: [mint(token, &random)]
            }
        return pick(next, &random)
    }

    /// Takes away the credits, the key or the organization of a reserved token.
    private func impediment(to token: StreamToken, _ random: inout SeededGenerator) -> StoreOperation {
        let names = zip(tags, names).filter { $0.0 == token.tag }.map(\.1)
        let key = pick(keys.filter { $0.tag == token.tag }, &random)
        return pick(
            [.setCredits(pick(names, &random), 0), .setKey(key, false), .removeOrganization(pick(names, &random))],
            &random
        )
    }

    /// Restores the organization or its key, if one of them is missing: nothing can happen without them.
    private func restoration(
        after snapshot: StoreSnapshot,
        of tag: StreamTokens.Tag,
        _ random: inout SeededGenerator
    ) -> StoreOperation? {
        guard let name = zip(tags, names).first(where: { $0.0 == tag })?.1 else { return nil }
        guard snapshot.organizations[tag] != nil else { return .makeOrganization(name, tag) }
        guard snapshot.keys[name]?.isEmpty == true else { return nil }
        return .addKey(pick(keys.filter { $0.tag == tag }, &random), RateLimit(limit: 5, window: 1000))
    }

    private func anyOperation(
        _ token: StreamToken,
        _ attempt: Attempt,
        _ random: inout SeededGenerator
    ) -> StoreOperation {
        let name = pick(names, &random)
        let key = pick(keys, &random)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<12: return mint(token, &random)
        case ..<20: return mintAtOnce(token.tag, &random)
        case ..<30: return reserve(token, attempt, &random)
        case ..<33: return .admit(token, attempt)
        case ..<41: return .commit(token, attempt)
        case ..<49: return release(token, attempt, &random)
        case ..<54: return renew(token, attempt, &random)
        case ..<59: return renewReservations(token, attempt, &random)
        case ..<63: return .end(attempt, token.tag)
        case ..<65: return .findKey(pick([.id(key.id), .key(key)], &random))
        case ..<67: return .updateKey(key, change(&random))
        case ..<69: return .removeKey(key)
        case ..<70: return .removeOrganization(name)
        case ..<75: return .revoke(token)
        case ..<80: return .setCredits(name, pick([nil, 0, 1, 2, 5], &random))
        case ..<84: return .addCredits(name, pick([1, 3], &random))
        case ..<87: return .setMaxStreams(name, pick([1, 2, 3], &random))
        case ..<90: return .revokeTokens(name)
        case ..<95: return .setKey(key, pick([true, true, false], &random))
        case ..<98:
            let limit = RateLimit(limit: pick([1, 2, 5], &random), window: pick([7, 1000, 60_000], &random))
            return .addKey(key, limit, requiresPolicy: pick([false, false, false, true], &random))
        default: return .useKey(key, pick([1, 4], &random))
        }
    }

    private func mint(_ token: StreamToken, _ random: inout SeededGenerator) -> StoreOperation {
        let key = pick(keys.filter { $0.tag == token.tag }, &random)
        return .mint(token, key, ttl: pick([1, 60, 120, 300], &random), policy(&random))
    }

    /// Half of the time none.
    private func policy(_ random: inout SeededGenerator) -> Policy? {
        Bool.random(using: &random) ? nil : pick(Policy.examples, &random)
    }

    private func release(
        _ token: StreamToken,
        _ attempt: Attempt,
        _ random: inout SeededGenerator
    ) -> StoreOperation {
        .release(token, attempt, pick([nil, nil] + PolicyRefusal.allCases.map(Optional.some), &random))
    }

    /// Mints for one key; a token may be among them twice.
    private func mintAtOnce(_ tag: StreamTokens.Tag, _ random: inout SeededGenerator) -> StoreOperation {
        let own = tokens.filter { $0.tag == tag }
        // Mints whose policies are of different kinds may overtake each other.
        let kinds: [[Policy?]] = [[nil], Array(Policy.examples.prefix(2)), Array(Policy.examples.suffix(2))]
        let policies = pick(kinds, &random)
        let mints = (0..<Int.random(in: 2...6, using: &random)).map { _ in
            SimultaneousMints.Mint(
                token: pick(own, &random),
                ttl: pick([1, 60, 120, 300], &random),
                policy: pick(policies, &random)
            )
        }
        return .mintAtOnce(SimultaneousMints(mints, with: pick(keys.filter { $0.tag == tag }, &random)))
    }

    private func change(_ random: inout SeededGenerator) -> KeyChange {
        KeyChange(
            name: pick([nil, "", "a name"], &random),
            limit: pick([nil, 1, 2, 5], &random),
            window: pick([nil, 7, 1000, 60_000], &random),
            requiresPolicy: pick([nil, nil, true, false, false], &random)
        )
    }

    private func reserve(
        _ token: StreamToken,
        _ attempt: Attempt,
        _ random: inout SeededGenerator
    ) -> StoreOperation {
        .reserve(token, attempt, lease: pick([1, 1000, 1000, 15_000, 35_000], &random))
    }

    /// Renews the organization's latest streams, and one with a guessed key and guessed epochs.
    private func renew(
        _ token: StreamToken,
        _ attempt: Attempt,
        _ random: inout SeededGenerator
    ) -> StoreOperation {
        let known = streams.filter { $0.token.tag == token.tag }.suffix(4)
        return .renew(known + [guess(token, attempt, &random)], reserved: [], token.tag)
    }

    /// Renews the organization's latest streams as reserved ones, except for some that it renews as open ones, and one
    /// with a guessed key and guessed epochs.
    private func renewReservations(
        _ token: StreamToken,
        _ attempt: Attempt,
        _ random: inout SeededGenerator
    ) -> StoreOperation {
        let known = streams.filter { $0.token.tag == token.tag }.suffix(5)
        let open = known.prefix(pick([0, 0, 1, 2], &random))
        let reserved = known.dropFirst(open.count) + [guess(token, attempt, &random)]
        return .renew(Array(open), reserved: Array(reserved), token.tag)
    }

    private func guess(
        _ token: StreamToken,
        _ attempt: Attempt,
        _ random: inout SeededGenerator
    ) -> OpenStream {
        OpenStream(
            token: token,
            attempt: attempt,
            epoch: pick([0, 0, 0, 1, 2], &random),
            keyID: pick(keys.filter { $0.tag == token.tag }, &random).id,
            keyEpoch: pick([0, 0, 0, 1, 2], &random)
        )
    }

    private func pick<Element>(_ elements: [Element], _ random: inout SeededGenerator) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }
}
