extension OrganizationState {
    mutating func mint(
        _ token: StreamToken,
        with key: APIKey,
        ttl: Int,
        _ policy: Policy?,
        at now: Int
    ) -> MintOutcome {
        let id = key.id
        guard var state = keys[id], state.digest == key.digest, state.isEnabled else { return .unauthorized }
        guard policy != nil || !state.requiresPolicy else { return .policyRequired }
        state.counter.advance(to: now, state.limit)
        let before = state.counter.rate(at: now, state.limit)
        if let record = record(of: token, at: now) {
            let retryAfter = record.remaining > 0 ? 0 : before.retryAfter
            let rate = Rate(limit: before.limit, remaining: record.remaining, retryAfter: retryAfter)
            return record.state == .refused ? .noCredits(rate) : .minted(rate)
        }
        guard before.remaining > 0 else { return .limited(before) }
        state.counter.add(1)
        keys[id] = state
        let rate = state.counter.rate(at: now, state.limit)
        let isRefused = credits.map { $0 <= 0 } ?? false
        let record = TokenRecord(
            keyID: id,
            minted: now,
            ttl: ttl,
            epoch: epoch,
            keyEpoch: state.epoch,
            remaining: rate.remaining,
            policy: policy,
            state: isRefused ? .refused : .live
        )
        set(record, of: token, at: now)
        return isRefused ? .noCredits(rate) : .minted(rate)
    }

    /// Why an attempt without a reservation cannot reserve the token; nil if it can.
    func check(_ token: StreamToken, limitsStreams: Bool = true, at now: Int) -> ReserveRefusal? {
        guard let record = record(of: token, at: now) else {
            return .invalid(hasExpired(token, at: now) ? .expired : .unknown)
        }
        switch record.state {
        case .refused: return .invalid(.unknown)
        case .used: return .invalid(.used)
        case .revoked: return .invalid(.revoked)
        case .live, .reserved:
            guard !isOutdated(record) else { return .invalid(.revoked) }
            if case .reserved(_, let leaseEnd) = record.state, now < leaseEnd { return .inUse }
        }
        let heldCount = held.count(at: now)
        if let credits, credits - heldCount < 1 { return .noCredits }
        guard limitsStreams else { return nil }
        return heldCount + open.count(at: now) < maxStreams ? nil : .tooManyStreams
    }

    mutating func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int, at now: Int) -> ReserveOutcome {
        guard var record = record(of: token, at: now) else {
            return .refused(check(token, at: now) ?? .invalid(.unknown))
        }
        let reservation = reservation(of: token, record, for: attempt)
        if case .reserved(attempt, let leaseEnd) = record.state, now < leaseEnd, !isOutdated(record) {
            return .reserved(reservation)
        }
        if let refusal = check(token, at: now) { return .refused(refusal) }
        record.state = .reserved(attempt, leaseEnd: now + lease)
        set(record, of: token, at: now)
        held.add(attempt, until: now + lease, at: now)
        return .reserved(reservation)
    }

    func reservation(of token: StreamToken, _ record: TokenRecord, for attempt: Attempt) -> Reservation {
        let stream = OpenStream(
            token: token,
            attempt: attempt,
            epoch: record.epoch,
            keyID: record.keyID,
            keyEpoch: record.keyEpoch
        )
        return Reservation(organization: name, stream: stream, policy: record.policy)
    }

    mutating func commit(
        _ token: StreamToken,
        for attempt: Attempt,
        countsAsOpen: Bool,
        at now: Int
    ) -> CommitOutcome {
        let kept = record(of: token, at: now)
        if case .used(attempt, _, _, _) = kept?.state { return .committed }
        held.remove(attempt)
        guard var record = kept, case .reserved(attempt, let leaseEnd) = record.state, now < leaseEnd,
            !isOutdated(record)
        else { return .lost }
        charge(&record, of: token, to: attempt, at: now)
        if countsAsOpen { open.add(attempt, until: now + Lifetime.stream, at: now) }
        return .committed
    }

    /// Marks the token as used by an attempt, and charges a credit.
    mutating func charge(_ record: inout TokenRecord, of token: StreamToken, to attempt: Attempt, at now: Int) {
        // If credits were lowered since the reservation, there may be none to charge: they never fall below 0.
        let isCharged = credits.map { $0 > 0 } ?? false
        record.state = .used(attempt, at: now, end: record.tombstoneEnd(from: now), isCharged: isCharged)
        set(record, of: token, at: now)
        if isCharged { credits = credits.map { $0 - 1 } }
    }

    mutating func release(_ token: StreamToken, for attempt: Attempt, _ refusal: PolicyRefusal?, at now: Int) {
        guard var record = record(of: token, at: now) else { return }
        switch record.state {
        case .reserved(attempt, _):
            held.remove(attempt)
            record.state = .live
        case .used(attempt, _, _, let isCharged):
            takeBack(attempt, isCharged: isCharged)
            record.state = .live
        case .revoked(attempt, let at, let end, let isCharged):
            takeBack(attempt, isCharged: isCharged)
            record.state = .revoked(nil, at: at, end: end, isCharged: false)
        case .live, .reserved, .used, .revoked, .refused: return
        }
        if let refusal, record.policy != nil { record.refusal = .init(refusal, at: now) }
        set(record, of: token, at: now)
    }

    /// Undoes the effects of a commit other than the token's state.
    private mutating func takeBack(_ attempt: Attempt, isCharged: Bool) {
        open.remove(attempt)
        if isCharged { credits = credits.map { $0 + 1 } }
    }

    mutating func revoke(_ token: StreamToken, at now: Int) -> TokenState {
        let state = inspect(token, at: now).state
        guard var record = record(of: token, at: now) else { return state }
        let end = record.tombstoneEnd(from: now)
        switch record.state {
        case .live where !isOutdated(record): record.state = .revoked(nil, at: now, end: end, isCharged: false)
        case .reserved(let attempt, _) where !isOutdated(record):
            held.remove(attempt)
            record.state = .revoked(nil, at: now, end: end, isCharged: false)
        case .used(let attempt, _, _, let isCharged):
            record.state = .revoked(attempt, at: now, end: end, isCharged: isCharged)
        case .live, .reserved, .revoked, .refused: return state
        }
        set(record, of: token, at: now)
        return state
    }

    /// Renews one stream's lease, or ends the stream and returns the reason.
    mutating func renew(_ stream: OpenStream, at now: Int) -> LostStream.Reason? {
        var record = record(of: stream.token, at: now)
        if let reason = loss(of: stream, record) {
            open.remove(stream.attempt)
            return reason
        }
        open.add(stream.attempt, until: now + Lifetime.stream, at: now)
        // The tombstone must outlive the stream, because it shows a revocation of this token alone.
        if case .used(stream.attempt, let at, let end, let isCharged) = record?.state, end < now + 2 * Lifetime.stream {
            record?.state = .used(stream.attempt, at: at, end: now + Lifetime.tombstone, isCharged: isCharged)
            if let record { set(record, of: stream.token, at: now) }
        }
        return nil
    }

    /// Renews the lease of a stream's reservation, or ends the reservation and returns the reason.
    mutating func renewReservation(of stream: OpenStream, at now: Int) -> LostStream.Reason? {
        var record = record(of: stream.token, at: now)
        // It was committed meanwhile.
        if case .used(stream.attempt, _, _, _) = record?.state { return renew(stream, at: now) }
        if let reason = loss(of: stream, record) {
            held.remove(stream.attempt)
            return reason
        }
        guard case .reserved(stream.attempt, let leaseEnd) = record?.state, now < leaseEnd else {
            held.remove(stream.attempt)
            return .lapsed
        }
        let end = max(leaseEnd, now + Lifetime.stream)
        record?.state = .reserved(stream.attempt, leaseEnd: end)
        if let record { set(record, of: stream.token, at: now) }
        held.add(stream.attempt, until: end, at: now)
        return nil
    }

    private func loss(of stream: OpenStream, _ record: TokenRecord?) -> LostStream.Reason? {
        if case .revoked = record?.state { return .revoked }
        let keyEpoch = keyEpoch(of: stream.keyID)
        if epoch > stream.epoch || keyEpoch.map({ $0 > stream.keyEpoch }) == true { return .revoked }
        return epoch == stream.epoch && keyEpoch == stream.keyEpoch ? nil : .forgotten
    }
}
