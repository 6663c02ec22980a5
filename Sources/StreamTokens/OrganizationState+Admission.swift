extension OrganizationState {
    mutating func admit(_ token: StreamToken, for attempt: Attempt, at now: Int) -> AdmitOutcome {
        guard var record = record(of: token, at: now) else {
            return .refused(check(token, at: now) ?? .invalid(.unknown))
        }
        let reservation = reservation(of: token, record, for: attempt)
        switch record.state {
        case .used(let user, let at, let end, let isCharged)
        where user.isOfSameRequest(as: attempt) && now < at + Lifetime.repetition:
            if user != attempt {
                record.state = .used(user.forAllOfItsRequest, at: at, end: end, isCharged: isCharged)
                set(record, of: token, at: now)
            }
            return .admitted(reservation)
        case .reserved(let holder, let leaseEnd)
        where holder.isOfSameRequest(as: attempt) && now < leaseEnd && !isOutdated(record):
            held.remove(holder)
        case .live, .reserved, .used, .revoked, .refused:
            if let refusal = check(token, limitsStreams: false, at: now) { return .refused(refusal) }
        }
        guard record.policy == nil else {
            record.state = .reserved(attempt, leaseEnd: now + Lifetime.stream)
            set(record, of: token, at: now)
            held.add(attempt, until: now + Lifetime.stream, at: now)
            return .reserved(reservation)
        }
        charge(&record, of: token, to: attempt, at: now)
        return .admitted(reservation)
    }
}
