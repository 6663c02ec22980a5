import LocalRuntimeFixtures
import StreamTokens

/// A store that notes each result in the recorded call that caused it.
struct RecordingTokenStore: TokenStore {
    let store: any TokenStore

    func mint(
        _ token: StreamToken,
        with key: APIKey,
        ttl: Int,
        policy: Policy?
    ) async throws(StoreError) -> MintOutcome {
        let outcome = try await notingFailure(of: try await store.mint(token, with: key, ttl: ttl, policy: policy))
        RecordedCall.current?.note(.minted(token, key, ttl: ttl, outcome))
        return outcome
    }

    func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal? {
        let refusal = try await notingFailure(of: try await store.check(token))
        if let refusal { RecordedCall.current?.note(.reserved(token, .refused(refusal))) }
        return refusal
    }

    func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async throws(StoreError) -> ReserveOutcome {
        let outcome = try await notingFailure(of: try await store.reserve(token, for: attempt, lease: lease))
        RecordedCall.current?.note(.reserved(token, outcome))
        return outcome
    }

    func commit(
        _ token: StreamToken,
        for attempt: Attempt,
        countsAsOpen: Bool
    ) async throws(StoreError) -> CommitOutcome {
        let outcome = try await notingFailure(
            of: try await store.commit(token, for: attempt, countsAsOpen: countsAsOpen)
        )
        RecordedCall.current?.note(.committed(outcome))
        return outcome
    }

    func admit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> AdmitOutcome {
        let outcome = try await notingFailure(of: try await store.admit(token, for: attempt))
        switch outcome {
        case .admitted(let reservation):
            RecordedCall.current?.note(.reserved(token, .reserved(reservation)))
            RecordedCall.current?.note(.committed(.committed))
        case .reserved(let reservation): RecordedCall.current?.note(.reserved(token, .reserved(reservation)))
        case .refused(let refusal): RecordedCall.current?.note(.reserved(token, .refused(refusal)))
        }
        return outcome
    }

    func release(
        _ token: StreamToken,
        for attempt: Attempt,
        refusal: PolicyRefusal?
    ) async throws(StoreError) {
        try await notingFailure(of: try await store.release(token, for: attempt, refusal: refusal))
    }

    func renew(
        _ streams: [OpenStream],
        reserved: [OpenStream],
        of tag: Tag
    ) async throws(StoreError) -> [LostStream] {
        try await store.renew(streams, reserved: reserved, of: tag)
    }

    func end(_ attempt: Attempt, of tag: Tag) async throws(StoreError) {
        try await store.end(attempt, of: tag)
    }

    func revoke(_ token: StreamToken) async throws(StoreError) -> TokenState {
        try await store.revoke(token)
    }

    func inspect(_ token: StreamToken) async throws(StoreError) -> TokenDetails {
        try await store.inspect(token)
    }

    func ping() async throws(StoreError) {
        try await store.ping()
    }

    private func notingFailure<Outcome>(
        of outcome: @autoclosure () async throws(StoreError) -> Outcome
    ) async throws(StoreError) -> Outcome {
        do throws(StoreError) {
            return try await outcome()
        } catch {
            RecordedCall.current?.note(.failed)
            throw error
        }
    }
}
