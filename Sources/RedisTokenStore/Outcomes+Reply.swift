import Redis
import Tokens

/// The answers of scripts as the store's; nil for what they never answer.
extension MintOutcome {
    init?(_ reply: RedisReply) {
        guard let elements = reply.elements, let code = elements.first?.integer else { return nil }
        if elements.count == 1, code == 1 {
            self = .unauthorized
            return
        }
        guard elements.count == 4, let limit = elements[1].integer, let remaining = elements[2].integer,
            let retryAfter = elements[3].integer
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
    init?(_ reply: RedisReply, _ token: StreamToken, _ attempt: Attempt) {
        guard let elements = reply.elements, let code = elements.first?.integer else { return nil }
        switch code {
        case 0:
            guard elements.count == 5, let organization = elements[1].text, let epoch = elements[2].integer,
                let keyID = elements[3].text, let keyEpoch = elements[4].integer
            else { return nil }
            let stream = OpenStream(token: token, attempt: attempt, epoch: epoch, keyID: keyID, keyEpoch: keyEpoch)
            self = .reserved(Reservation(organization: organization, stream: stream))
        default:
            guard let refusal = ReserveRefusal(code: code) else { return nil }
            self.init(refusal)
        }
    }
}

extension ReserveRefusal {
    init?(code: Int) {
        switch code {
        case 1: self = .invalid
        case 2: self = .inUse
        case 3: self = .noCredits
        case 4: self = .tooManyStreams
        default: return nil
        }
    }
}

extension TokenState {
    init?(_ reply: RedisReply) {
        guard let elements = reply.elements, let code = elements.first?.integer else { return nil }
        let keyID = elements.dropFirst().first?.text
        let times = elements.dropFirst(2).compactMap(\.integer)
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
