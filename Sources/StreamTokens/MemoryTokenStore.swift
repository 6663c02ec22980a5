/// A store in memory: the model of what a store does, and enough to try things out.
public actor MemoryTokenStore {
    var states: [Tag: OrganizationState] = [:]
    var runs = RunStates()
    private let clock: @Sendable () -> Int
    private var offset = 0

    /// `clock` returns milliseconds since 1970.
    public init(clock: @escaping @Sendable () -> Int) {
        self.clock = clock
    }

    /// Moves this store's clock forward.
    public func advance(milliseconds: Int) {
        offset += milliseconds
    }

    var now: Int { clock() + offset }
}

extension MemoryTokenStore: TokenStore {
    public func mint(_ token: StreamToken, with key: APIKey, ttl: Int, policy: Policy?) -> MintOutcome {
        precondition(token.tag == key.tag, "token and key must have the same organization")
        return states[key.tag]?.mint(token, with: key, ttl: ttl, policy, at: now) ?? .unauthorized
    }

    public func check(_ token: StreamToken) -> ReserveRefusal? {
        guard let state = states[token.tag] else { return .invalid(.unknown) }
        return state.check(token, at: now)
    }

    public func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) -> ReserveOutcome {
        states[token.tag]?.reserve(token, for: attempt, lease: lease, at: now) ?? .refused(.invalid(.unknown))
    }

    public func commit(_ token: StreamToken, for attempt: Attempt, countsAsOpen: Bool) -> CommitOutcome {
        states[token.tag]?.commit(token, for: attempt, countsAsOpen: countsAsOpen, at: now) ?? .lost
    }

    public func admit(_ token: StreamToken, for attempt: Attempt) -> AdmitOutcome {
        states[token.tag]?.admit(token, for: attempt, at: now) ?? .refused(.invalid(.unknown))
    }

    public func release(_ token: StreamToken, for attempt: Attempt, refusal: PolicyRefusal?) {
        states[token.tag]?.release(token, for: attempt, refusal, at: now)
    }

    public func renew(_ streams: [OpenStream], reserved: [OpenStream], of tag: Tag) -> [LostStream] {
        guard states[tag] != nil else { return (streams + reserved).map { LostStream($0.attempt, .forgotten) } }
        let lost = streams.compactMap { stream in
            states[tag]?.renew(stream, at: now).map { LostStream(stream.attempt, $0) }
        }
        return lost
            + reserved.compactMap { stream in
                states[tag]?.renewReservation(of: stream, at: now).map { LostStream(stream.attempt, $0) }
            }
    }

    public func end(_ attempt: Attempt, of tag: Tag) {
        states[tag]?.open.remove(attempt)
    }

    public func revoke(_ token: StreamToken) -> TokenState {
        states[token.tag]?.revoke(token, at: now) ?? .unknown
    }

    public func inspect(_ token: StreamToken) -> TokenDetails {
        states[token.tag]?.inspect(token, at: now) ?? .unknown
    }

    public func ping() {}
}

/// As in the protocol, but they never throw. They are async because Swift would choose the protocol's otherwise.
extension MemoryTokenStore {
    public func mint(_ token: StreamToken, with key: APIKey, ttl: Int) async -> MintOutcome {
        mint(token, with: key, ttl: ttl, policy: nil)
    }

    public func release(_ token: StreamToken, for attempt: Attempt) async {
        release(token, for: attempt, refusal: nil)
    }

    public func show(_ token: StreamToken) async -> TokenState {
        inspect(token).state
    }
}
