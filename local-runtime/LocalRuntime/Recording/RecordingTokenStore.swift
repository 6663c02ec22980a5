import Tokens

/// A store that tells the call it is asked for what it said.
struct RecordingTokenStore: TokenStore {
    private let store: any TokenStore

    init(_ store: any TokenStore) {
        self.store = store
    }

    func mint(_ token: StreamToken, with key: APIKey, ttl: Int) async throws(StoreError) -> MintOutcome {
        try await noting { outcome in
            .minted(token, key, ttl: ttl, outcome)
        } of: { () async throws(StoreError) in
            try await store.mint(token, with: key, ttl: ttl)
        }
    }

    func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal? {
        try await noting { refusal in
            refusal.map { .reserved(token, ReserveOutcome($0)) }
        } of: { () async throws(StoreError) in
            try await store.check(token)
        }
    }

    func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async throws(StoreError) -> ReserveOutcome {
        try await noting { outcome in
            .reserved(token, outcome)
        } of: { () async throws(StoreError) in
            try await store.reserve(token, for: attempt, lease: lease)
        }
    }

    func commit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> CommitOutcome {
        try await noting { outcome in
            .committed(outcome)
        } of: { () async throws(StoreError) in
            try await store.commit(token, for: attempt)
        }
    }

    func release(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) {
        try await noting {
            nil
        } of: { () async throws(StoreError) in
            try await store.release(token, for: attempt)
        }
    }

    func renew(_ streams: [OpenStream], of tag: Tag) async throws(StoreError) -> [LostStream] {
        try await store.renew(streams, of: tag)
    }

    func end(_ attempt: Attempt, of tag: Tag) async throws(StoreError) {
        try await store.end(attempt, of: tag)
    }

    func revoke(_ token: StreamToken) async throws(StoreError) -> TokenState {
        try await store.revoke(token)
    }

    func show(_ token: StreamToken) async throws(StoreError) -> TokenState {
        try await store.show(token)
    }

    func ping() async throws(StoreError) {
        try await store.ping()
    }

    private func noting<Outcome>(
        _ event: (Outcome) -> RecordedCall.StoreEvent?,
        of operation: () async throws(StoreError) -> Outcome
    ) async throws(StoreError) -> Outcome {
        let call = RecordedCall.current
        do throws(StoreError) {
            let outcome = try await operation()
            if let event = event(outcome) { call?.note(event) }
            return outcome
        } catch {
            call?.note(.failed)
            throw error
        }
    }
}
