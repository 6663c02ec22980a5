import StreamTokens

/// The transitions that a sequence of operations and steps of time takes, derived from the model's states before and
/// after each.
struct TokenTransitions {
    private(set) var taken: Set<TokenTransition> = []
    /// The streams that attempts hold, have let lapse, and have committed, as their reservations returned them.
    private var held: [StreamToken: OpenStream] = [:]
    private var lapsed: [StreamToken: OpenStream] = [:]
    private var opened: [StreamToken: OpenStream] = [:]
    /// The attempts that were admitted with a token.
    private var admitted: [StreamToken: Set<Attempt>] = [:]
    /// The streams that attempts held when their organization was removed.
    private var removed: [StreamToken: OpenStream] = [:]
    /// When the leases of tokens would have ended that were renewed while reserved, in milliseconds since 1970.
    private var renewed: [StreamToken: Int] = [:]

    /// Records the transitions of tokens while only time passed.
    mutating func pass(_ before: StoreSnapshot, _ after: StoreSnapshot) {
        for (token, state) in before.tokens {
            switch (state, after.tokens[token]) {
            case (.live, .unknown): taken.insert(.expiry)
            case (.reserved, .live), (.reserved, .unknown):
                taken.insert(after.tokens[token] == .unknown ? .leaseEndAfterExpiry : .leaseEnd)
                if renewed.removeValue(forKey: token) != nil { taken.insert(.leaseEndAfterRenewal) }
                lapsed[token] = held.removeValue(forKey: token)
            case (.used, .used):
                let policies = [before, after].map { $0.details[token]?.policy }
                if policies[0] != nil, policies[1] == nil { taken.insert(.policyForgotten) }
            case (.used, .unknown):
                taken.insert(.forgotten)
                opened[token] = nil
            default: break
            }
        }
    }

    /// Records the transition of an operation with this outcome, at this time in milliseconds since 1970.
    mutating func note(
        _ operation: StoreOperation,
        _ outcome: AnyHashable,
        _ before: StoreSnapshot,
        _ after: StoreSnapshot,
        at now: Int
    ) {
        switch operation {
        case .mint, .mintAtOnce: noteMint(operation, outcome, before, after)
        case .reserve(let token, _, _): noteReserve(of: token, outcome as? ReserveOutcome, before)
        case .commit(let token, let attempt):
            noteCommit(of: token, attempt, outcome as? CommitOutcome, before, at: now)
        case .admit(let token, let attempt): noteAdmission(of: token, attempt, outcome as? AdmitOutcome, before)
        case .release(let token, let attempt, _): noteRelease(of: token, attempt, before, after)
        case .revoke(let token):
            switch (before.tokens[token], after.tokens[token]) {
            case (.live, .revoked): taken.insert(.revokeLive)
            case (.reserved, .revoked): taken.insert(.revokeReserved)
            case (.used, .revoked): taken.insert(.revokeUsed)
            default: break
            }
        case .revokeTokens:
            noteEpoch(.revokeLiveWithOrganization, .revokeReservedWithOrganization, before, after)
        case .setKey: noteEpoch(.revokeLiveWithKey, .revokeReservedWithKey, before, after)
        case .renew(let streams, let reserved, _):
            let lost = outcome as? [LostStream] ?? []
            noteRenewal(of: streams, lost, before)
            for stream in reserved { noteRenewal(ofReserved: stream, lost, before) }
        case .end(_, let tag):
            guard let earlier = before.organizations[tag], let later = after.organizations[tag] else { return }
            if later.open < earlier.open { taken.insert(.end) }
        case .removeKey: noteEpoch(.revokeLiveWithRemovedKey, .revokeReservedWithRemovedKey, before, after)
        case .removeOrganization: noteRemoval(before, after)
        case .setCredits, .addCredits, .setMaxStreams, .addKey, .useKey, .updateKey, .findKey, .makeOrganization: break
        }
    }

    private mutating func noteMint(
        _ operation: StoreOperation,
        _ outcome: AnyHashable,
        _ before: StoreSnapshot,
        _ after: StoreSnapshot
    ) {
        for (token, state) in after.tokens {
            guard case .live = state, case .unknown = before.tokens[token] else { continue }
            taken.insert(after.details[token]?.policy == nil ? .mint : .mintWithPolicy)
        }
        guard case .mint(let token, _, _, let policy) = operation else { return }
        if outcome as? MintOutcome == .policyRequired { taken.insert(.mintRequiringPolicy) }
        if case .minted? = outcome as? MintOutcome, case .live = before.tokens[token],
            before.details[token]?.policy != policy
        {
            taken.insert(.mintWithAnotherPolicy)
        }
    }

    private mutating func noteReserve(of token: StreamToken, _ outcome: ReserveOutcome?, _ before: StoreSnapshot) {
        switch (outcome, before.tokens[token]) {
        case (.reserved(let reservation), .live):
            taken.insert(reservation.policy == nil ? .reserve : .reserveWithPolicy)
            held[token] = reservation.stream
            renewed[token] = nil
            if lapsed[token] == reservation.stream { lapsed[token] = nil }
        case (.reserved, .reserved): taken.insert(.reserveAgain)
        case (.refused(.inUse), .reserved): taken.insert(.reserveInUse)
        default: break
        }
    }

    private mutating func noteCommit(
        of token: StreamToken,
        _ attempt: Attempt,
        _ outcome: CommitOutcome?,
        _ before: StoreSnapshot,
        at now: Int
    ) {
        switch (outcome, before.tokens[token]) {
        case (.committed, .reserved):
            if let end = renewed.removeValue(forKey: token), now >= end { taken.insert(.commitAfterRenewal) }
            let credits = before.organizations[token.tag]?.credits
            taken.insert(credits == 0 ? .commitWithoutCredit : .commit)
            opened[token] = held.removeValue(forKey: token)
        case (.committed, .used): taken.insert(.commitAgain)
        case (.lost, .revoked) where held[token]?.attempt == attempt: taken.insert(.commitLostToRevocation)
        case (.lost, .unknown) where removed[token]?.attempt == attempt: taken.insert(.commitLostToRemoval)
        case (.lost, _) where lapsed[token]?.attempt == attempt: taken.insert(.commitLostToLease)
        default: break
        }
    }

    private mutating func noteAdmission(
        of token: StreamToken,
        _ attempt: Attempt,
        _ outcome: AdmitOutcome?,
        _ before: StoreSnapshot
    ) {
        switch (outcome, before.tokens[token]) {
        case (.admitted(let reservation), .live):
            taken.insert(.admit)
            opened[token] = reservation.stream
            admitted[token] = [attempt]
            lapsed[token] = nil
        case (.admitted(let reservation), .reserved):
            taken.insert(.admitReserved)
            opened[token] = reservation.stream
            admitted[token] = [attempt]
            held[token] = nil
            renewed[token] = nil
        case (.reserved(let reservation), .live), (.reserved(let reservation), .reserved):
            taken.insert(.admitWithPolicy)
            held[token] = reservation.stream
            renewed[token] = nil
            lapsed[token] = nil
        case (.admitted, .used):
            taken.insert(opened[token]?.attempt == attempt ? .admitAgain : .admitAnother)
            admitted[token, default: []].insert(attempt)
        case (.refused(.inUse), .reserved): taken.insert(.admitInUse)
        case (.refused(.invalid(.used)), .used): taken.insert(.admitUsed)
        default: break
        }
    }

    private mutating func noteRelease(
        of token: StreamToken,
        _ attempt: Attempt,
        _ before: StoreSnapshot,
        _ after: StoreSnapshot
    ) {
        let credits = [before, after].map { $0.organizations[token.tag]?.credits }
        switch (before.tokens[token], after.tokens[token]) {
        case (.reserved, .live):
            let refusals = [before, after].map { $0.details[token]?.refusal }
            taken.insert(refusals[0] == refusals[1] ? .release : .releaseByPolicy)
        case (.reserved, .unknown): taken.insert(.releaseAfterExpiry)
        case (.used, .live):
            if let earlier = credits[0], credits[1] == earlier + 1 { taken.insert(.releaseOfCommit) }
            if after.details[token]?.policy != nil { taken.insert(.releaseOfCommitWithPolicy) }
        case (.used, .unknown): taken.insert(.releaseOfCommitAfterExpiry)
        case (.used, .used):
            if let admitted = admitted[token], admitted.count > 1, admitted.contains(attempt) {
                taken.insert(.releaseOfAdmissionOfBoth)
            }
            return
        default: return
        }
        held[token] = nil
        opened[token] = nil
        admitted[token] = nil
        renewed[token] = nil
    }

    private mutating func noteEpoch(
        _ ofLive: TokenTransition,
        _ ofReserved: TokenTransition,
        _ before: StoreSnapshot,
        _ after: StoreSnapshot
    ) {
        for (token, state) in before.tokens {
            switch (state, after.tokens[token]) {
            case (.live, .revoked): taken.insert(ofLive)
            case (.reserved, .revoked): taken.insert(ofReserved)
            default: break
            }
        }
    }

    private mutating func noteRemoval(_ before: StoreSnapshot, _ after: StoreSnapshot) {
        for (token, state) in before.tokens where after.tokens[token] == .unknown {
            switch state {
            case .live: taken.insert(.removeLiveWithOrganization)
            case .reserved:
                taken.insert(.removeReservedWithOrganization)
                removed[token] = held.removeValue(forKey: token)
            case .used, .revoked, .unknown: break
            }
            lapsed[token] = nil
        }
    }

    /// Ignores renewals with a guessed epoch or of a stream that was never reserved.
    private mutating func noteRenewal(ofReserved stream: OpenStream, _ lost: [LostStream], _ before: StoreSnapshot) {
        let token = stream.token
        let reason = lost.first { $0.attempt == stream.attempt }?.reason
        switch (before.tokens[token], reason) {
        case (.reserved(_, _, _, let leaseEnd), nil) where held[token] == stream:
            taken.insert(.renewReserved)
            renewed[token] = renewed[token] ?? leaseEnd
        case (.used, nil) where opened[token] == stream: taken.insert(.renewCommitted)
        case (_, .lapsed) where lapsed[token] == stream: taken.insert(.renewLapsed)
        case (.revoked(_, nil), .revoked) where held[token] == stream: taken.insert(.renewReservedOutdated)
        case (.revoked, .revoked) where held[token] == stream: taken.insert(.renewReservedRevoked)
        case (.unknown, .forgotten) where removed[token] == stream: taken.insert(.renewReservedForgotten)
        default: break
        }
    }

    /// Ignores renewals with a guessed epoch or of a stream that was never opened.
    private mutating func noteRenewal(of streams: [OpenStream], _ ended: [LostStream], _ before: StoreSnapshot) {
        for stream in streams where opened[stream.token] == stream {
            switch (before.tokens[stream.token], ended.first { $0.attempt == stream.attempt }?.reason) {
            case (.used, nil): taken.insert(.renew)
            case (.used, .revoked): taken.insert(.renewOutdated)
            case (.revoked, .revoked): taken.insert(.renewRevoked)
            case (.unknown, .forgotten): taken.insert(.renewForgotten)
            default: break
            }
        }
    }
}
