package import FunctionRedis
package import StreamTokens

/// The outcomes in the scripts' replies; nil for a reply that no script makes.
extension MintOutcome {
    package init?(_ reply: RedisReply) {
        guard let elements = reply.elements, let code = elements.first?.integer else { return nil }
        if elements.count == 1, code == 1 {
            self = .unauthorized
            return
        }
        if elements.count == 1, code == 4 {
            self = .policyRequired
            return
        }
        guard elements.count == 4, let limit = elements[1].integer(in: RateLimit.limits),
            // A repeated mint returns what was left at that time, perhaps of a higher limit than today's.
            let remaining = elements[2].integer(in: 0...RateLimit.limits.upperBound),
            let retryAfter = elements[3].integer(in: 0...2 * RateLimit.windows.upperBound)
        else { return nil }
        let rate = Rate(limit: limit, remaining: remaining, retryAfter: retryAfter)
        switch code {
        case 0: self = .minted(rate)
        case 2: self = .limited(rate)
        case 3: self = .noCredits(rate)
        default: return nil
        }
    }
}

extension ReserveOutcome {
    package init?(_ reply: RedisReply, _ token: StreamToken, _ attempt: Attempt) {
        guard let elements = reply.elements, let code = elements.first?.integer else { return nil }
        switch code {
        case 0:
            guard let reservation = Reservation(elements, token, attempt) else { return nil }
            self = .reserved(reservation)
        default:
            guard let refusal = ReserveRefusal(code: code) else { return nil }
            self = .refused(refusal)
        }
    }
}

extension AdmitOutcome {
    package init?(_ reply: RedisReply, _ token: StreamToken, _ attempt: Attempt) {
        guard let elements = reply.elements, let code = elements.first?.integer else { return nil }
        switch code {
        case 0, 8:
            guard let reservation = Reservation(elements, token, attempt) else { return nil }
            self = code == 0 ? .admitted(reservation) : .reserved(reservation)
        default:
            guard let refusal = ReserveRefusal(code: code) else { return nil }
            self = .refused(refusal)
        }
    }
}

extension Reservation {
    /// Reads the elements behind the first one.
    fileprivate init?(_ elements: [RedisReply], _ token: StreamToken, _ attempt: Attempt) {
        guard elements.count >= 5, let organization = elements[1].text, let epoch = elements[2].integer,
            let keyID = elements[3].text, let keyEpoch = elements[4].integer,
            let policy = Policy.read(elements.dropFirst(5))
        else { return nil }
        let stream = OpenStream(token: token, attempt: attempt, epoch: epoch, keyID: keyID, keyEpoch: keyEpoch)
        self.init(organization: organization, stream: stream, policy: policy)
    }
}

extension ReserveRefusal {
    package init?(code: Int) {
        switch code {
        case 1: self = .invalid(.unknown)
        case 2: self = .inUse
        case 3: self = .noCredits
        case 4: self = .tooManyStreams
        case 5: self = .invalid(.expired)
        case 6: self = .invalid(.used)
        case 7: self = .invalid(.revoked)
        default: return nil
        }
    }
}

extension CommitOutcome {
    package init?(_ reply: RedisReply) {
        switch reply.integer {
        case 0: self = .committed
        case 1: self = .lost
        default: return nil
        }
    }
}

extension LostStream {
    /// The streams that must end, of those that were renewed. The reply has two numbers for each: its index and the
    /// reason.
    package static func all(_ reply: RedisReply, of streams: [OpenStream]) -> [LostStream]? {
        guard let numbers = reply.integers, numbers.count.isMultiple(of: 2), numbers.count <= 2 * streams.count
        else { return nil }
        var lost: [LostStream] = []
        for index in stride(from: 0, to: numbers.count, by: 2) {
            guard streams.indices.contains(numbers[index]), let reason = Reason(code: numbers[index + 1])
            else { return nil }
            lost.append(LostStream(streams[numbers[index]].attempt, reason))
        }
        return lost
    }
}

extension LostStream.Reason {
    fileprivate init?(code: Int) {
        switch code {
        case 1: self = .revoked
        case 2: self = .forgotten
        case 3: self = .lapsed
        default: return nil
        }
    }
}

extension Organization {
    /// The inner value is nil if no organization has that tag.
    package static func read(_ reply: RedisReply, _ tag: Tag) -> Organization?? {
        guard let elements = reply.elements, elements.count == 5, let held = elements[3].count,
            let open = elements[4].count
        else { return nil }
        guard elements[0] != .null else { return .some(nil) }
        let (credits, maxStreams) = (elements[1].decimal, elements[2].decimal)
        // An invalid number must not be taken for unlimited credits.
        guard let name = elements[0].text, credits != nil || elements[1] == .null,
            maxStreams != nil || elements[2] == .null
        else { return nil }
        return Organization(
            name: name,
            tag: tag,
            credits: credits,
            maxStreams: maxStreams ?? standardMaxStreams,
            held: held,
            open: open
        )
    }
}

extension Policy {
    /// Reads the two elements of a policy, the end user and the rest; the inner value is nil if there are none. A policy
    /// that cannot be read must not be taken for none.
    fileprivate static func read(_ elements: ArraySlice<RedisReply>) -> Policy?? {
        guard let first = elements.first else { return .some(nil) }
        guard elements.count == 2, let user = first.text, case .string(let encoded)? = elements.last,
            let policy = Policy(user: user.isEmpty ? nil : user, encoded: encoded)
        else { return nil }
        return policy
    }
}

extension TokenDetails {
    /// Reads the state, and if the token has a policy, the last refusal with its time, the user, and the policy.
    package init?(_ reply: RedisReply) {
        guard let elements = reply.elements, let first = elements.first, let state = TokenState(first)
        else { return nil }
        if elements.count == 1 {
            self.init(state)
            return
        }
        guard elements.count == 5, let reason = elements[1].text, let user = elements[3].text else { return nil }
        var refusal: LastRefusal?
        if !reason.isEmpty {
            guard let reason = PolicyRefusal(rawValue: reason), let time = elements[2].time else { return nil }
            refusal = LastRefusal(reason, at: time)
        }
        var policy: Policy?
        if elements[4] != .null {
            guard let read = Policy.read([elements[3], elements[4]]) else { return nil }
            policy = read
        }
        self.init(state, user: user.isEmpty ? nil : user, policy: policy, refusal: refusal)
    }
}

extension TokenState {
    package init?(_ reply: RedisReply) {
        guard let elements = reply.elements, let code = elements.first?.integer else { return nil }
        let keyID = elements.dropFirst().first?.text
        let times = elements.dropFirst(2).compactMap(\.time)
        guard times.count == elements.dropFirst(2).count else { return nil }
        switch (code, keyID, times.count) {
        case (0, nil, 0): self = .unknown
        case (1, let keyID?, 2): self = .live(keyID: keyID, minted: times[0], expiry: times[1])
        case (2, let keyID?, 3):
            self = .reserved(keyID: keyID, minted: times[0], expiry: times[1], leaseEnd: times[2])
        case (3, let keyID?, 1): self = .used(keyID: keyID, at: times[0])
        case (4, let keyID?, 0...1): self = .revoked(keyID: keyID, at: times.first)
        default: return nil
        }
    }
}
