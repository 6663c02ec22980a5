extension MemoryTokenStore: RunStore {
    package func begin(_ run: RunID, _ terms: RunTerms) {
        runs.begin(run.attempt, RunState(tag: run.token.tag, terms, at: now), at: now)
    }

    package func append(_ events: [LoggedEvent], to run: RunID) throws(StoreError) -> AppendOutcome {
        guard let outcome = runs.append(events, to: run.attempt) else {
            throw StoreError("all logs together are full", mayHaveBeenExecuted: false)
        }
        return outcome
    }

    package func drop(through number: Int, from run: RunID) {
        runs.drop(through: number, from: run.attempt)
    }

    package func events(of run: RunID, after number: Int) -> [LoggedEvent] {
        runs[run.attempt]?.events(after: number) ?? []
    }

    package func events(behind places: [LogPlace], of tag: Tag) -> [[LoggedEvent]] {
        places.map { Array(events(of: $0.run, after: $0.number).prefix(LogPlace.minEvents)) }
    }

    package func renew(_ renewals: [RunRenewal], of tag: Tag) -> [RunStanding] {
        renewals.map { renewal in
            guard runs[renewal.run.attempt]?.isKept(at: now) == true else { return .lost }
            return runs[renewal.run.attempt]?.renewLease(with: renewal.reader, at: now) ?? .lost
        }
    }

    package func attach(
        to run: RunID,
        of workflow: String,
        after number: Int,
        isAllowed: Bool
    ) -> AttachOutcome {
        guard let record = record(of: run) else { return .refused }
        let user = record.policy?.user
        return runs[run.attempt]?.attach(to: workflow, after: number, isAllowed: isAllowed, user, at: now) ?? .refused
    }

    package func stop(_ run: RunID, of workflow: String, isAllowed: Bool) -> StopOutcome {
        guard record(of: run) != nil else { return .refused }
        return runs[run.attempt]?.stop(workflow, isAllowed: isAllowed, at: now) ?? .refused
    }

    /// The record of a run's token, if the run's attempt has used it or holds it.
    private func record(of run: RunID) -> TokenRecord? {
        states[run.token.tag]?.record(of: run.token, by: run.attempt, at: now)
    }

    package func renew(_ readers: [ReaderRenewal], of tag: Tag) -> [ReaderStanding] {
        readers.map { each in
            guard runs[each.run.attempt]?.isKept(at: now) == true else { return .gone }
            return runs[each.run.attempt]?.renew(each.reader, at: now) ?? .gone
        }
    }

    package func lose(_ run: RunID) -> Bool {
        guard runs[run.attempt]?.isKept(at: now) == true else { return true }
        return runs[run.attempt]?.lose(at: now) ?? true
    }

    package func end(_ run: RunID, isKept: Bool) {
        guard isKept else { return runs.remove(run.attempt) }
        guard let window = runs[run.attempt]?.window, runs[run.attempt]?.isKept(at: now) == true,
            runs[run.attempt]?.end(at: now) == true
        else { return }
        states[run.token.tag]?.keepTombstone(of: run.token, by: run.attempt, for: window, at: now)
    }
}

extension OrganizationState {
    /// The token's record, if the attempt has used it or holds it, and nothing was revoked since.
    func record(of token: StreamToken, by attempt: Attempt, at now: Int) -> TokenRecord? {
        guard let record = record(of: token, at: now), !isOutdated(record) else { return nil }
        switch record.state {
        case .used(attempt, _, _, _): return record
        case .reserved(attempt, let leaseEnd) where now < leaseEnd: return record
        case .live, .reserved, .used, .revoked, .refused: return nil
        }
    }

    /// Keeps the tombstone of a used token for at least so long: without it, its stream cannot be resumed.
    mutating func keepTombstone(of token: StreamToken, by attempt: Attempt, for window: Int, at now: Int) {
        guard var record = record(of: token, at: now),
            case .used(attempt, let at, let end, let isCharged) = record.state, end < now + window
        else { return }
        record.state = .used(attempt, at: at, end: now + window, isCharged: isCharged)
        set(record, of: token, at: now)
    }
}
