import FunctionEventLoop
package import StreamTokens

/// A store with which things go wrong as a fixture says.
package final class FaultyTokenStore: TokenStore {
    private let store: any TokenStore
    private let faults: Faults
    private let state = Lock(State())

    private struct State {
        var isLost = false
        var isKilled = false
    }

    /// How long a client of the store waits for an answer, as REDIS_TIMEOUT_MS says without being set.
    private static let patience = TimeSpan(milliseconds: 1000)

    package init(_ store: any TokenStore, _ faults: Faults) {
        self.store = store
        self.faults = faults
    }

    /// Whether the operation came behind which the process is no more.
    package var isKilled: Bool { state.withLock { $0.isKilled } }

    private func perform<Answer: Sendable>(
        _ operation: StoreOperation?,
        _ answer: @autoclosure () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        // What the process would have done after its end has no effect.
        if isKilled { throw StoreError("the fixture says that the process is killed", mayHaveBeenExecuted: true) }
        switch faults.store {
        case .down: throw StoreError("the fixture says that the store is down", mayHaveBeenExecuted: false)
        case .slow(let span):
            // Behind a socket the functions run on another loop than the replay, whose timers are not theirs.
            try? await ContinuousClock().sleep(for: min(span, Self.patience).duration)
            let answer = try await answer()
            if span > Self.patience { throw Self.noAnswer }
            return answer
        case .lost(operation):
            let answer = try await answer()
            let isFirst = state.withLock { state in
                defer { state.isLost = true }
                return !state.isLost
            }
            if isFirst { throw Self.noAnswer }
            return answer
        case .lost, nil:
            break
        }
        let answer = try await answer()
        if operation != nil, faults.killed == operation {
            state.withLock { $0.isKilled = true }
            throw Self.noAnswer
        }
        return answer
    }

    private static let noAnswer = StoreError("the fixture says that the answer is lost", mayHaveBeenExecuted: true)

    package func mint(_ token: StreamToken, with key: APIKey, ttl: Int) async throws(StoreError) -> MintOutcome {
        try await perform(.mint, try await store.mint(token, with: key, ttl: ttl))
    }

    package func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal? {
        try await perform(nil, try await store.check(token))
    }

    package func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async throws(StoreError)
        -> ReserveOutcome
    {
        try await perform(.reserve, try await store.reserve(token, for: attempt, lease: lease))
    }

    package func commit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> CommitOutcome {
        try await perform(.commit, try await store.commit(token, for: attempt))
    }

    package func release(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) {
        try await perform(.release, try await store.release(token, for: attempt))
    }

    package func renew(_ streams: [OpenStream], of tag: Tag) async throws(StoreError) -> [LostStream] {
        try await perform(nil, try await store.renew(streams, of: tag))
    }

    package func end(_ attempt: Attempt, of tag: Tag) async throws(StoreError) {
        try await perform(.end, try await store.end(attempt, of: tag))
    }

    package func revoke(_ token: StreamToken) async throws(StoreError) -> TokenState {
        try await perform(nil, try await store.revoke(token))
    }

    package func show(_ token: StreamToken) async throws(StoreError) -> TokenState {
        try await perform(nil, try await store.show(token))
    }

    package func ping() async throws(StoreError) {
        try await perform(nil, try await store.ping())
    }
}
