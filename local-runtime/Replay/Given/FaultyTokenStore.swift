import FunctionEventLoop
package import LocalRuntimeFixtures
package import StreamTokens

/// A store with the faults that a fixture asks for.
package final class FaultyTokenStore: TokenStore {
    private let store: any TokenStore
    private let faults: Faults
    private let state = Lock(State())

    private struct State {
        var isLost = false
        var isKilled = false
    }

    /// How long a client waits for the store's reply: the default of REDIS_TIMEOUT_MS.
    private static let timeout = TimeSpan(milliseconds: 1000)

    package init(_ store: any TokenStore, _ faults: Faults) {
        self.store = store
        self.faults = faults
    }

    /// Whether the operation has come after which the process is killed.
    package var isKilled: Bool { state.withLock { $0.isKilled } }

    private func perform<Reply: Sendable>(
        _ operation: StoreOperation?,
        _ reply: @autoclosure () async throws(StoreError) -> Reply
    ) async throws(StoreError) -> Reply {
        // A killed process has no further effect.
        if isKilled { throw StoreError("the fixture says that the process is killed", mayHaveBeenExecuted: true) }
        switch faults.store {
        case .down: throw StoreError("the fixture says that the store is down", mayHaveBeenExecuted: false)
        case .slow(let span):
            // Not by a loop's timer: behind a socket the functions run on another loop than the replay.
            try? await ContinuousClock().sleep(for: min(span, Self.timeout).duration)
            let reply = try await reply()
            if span > Self.timeout { throw Self.noReply }
            return reply
        case .lost(operation):
            let reply = try await reply()
            let isFirst = state.withLock { state in
                defer { state.isLost = true }
                return !state.isLost
            }
            if isFirst { throw Self.noReply }
            return reply
        case .lost, nil:
            break
        }
        let reply = try await reply()
        if operation != nil, faults.killed == operation {
            state.withLock { $0.isKilled = true }
            throw Self.noReply
        }
        return reply
    }

    private static let noReply = StoreError("the fixture says that the reply is lost", mayHaveBeenExecuted: true)

    package func mint(
        _ token: StreamToken,
        with key: APIKey,
        ttl: Int,
        policy: Policy?
    ) async throws(StoreError) -> MintOutcome {
        try await perform(.mint, try await store.mint(token, with: key, ttl: ttl, policy: policy))
    }

    package func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal? {
        try await perform(nil, try await store.check(token))
    }

    package func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async throws(StoreError)
        -> ReserveOutcome
    {
        try await perform(.reserve, try await store.reserve(token, for: attempt, lease: lease))
    }

    package func commit(
        _ token: StreamToken,
        for attempt: Attempt,
        countsAsOpen: Bool
    ) async throws(StoreError) -> CommitOutcome {
        try await perform(.commit, try await store.commit(token, for: attempt, countsAsOpen: countsAsOpen))
    }

    package func admit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> AdmitOutcome {
        try await perform(.admit, try await store.admit(token, for: attempt))
    }

    package func release(
        _ token: StreamToken,
        for attempt: Attempt,
        refusal: PolicyRefusal?
    ) async throws(StoreError) {
        try await perform(.release, try await store.release(token, for: attempt, refusal: refusal))
    }

    package func renew(
        _ streams: [OpenStream],
        reserved: [OpenStream],
        of tag: Tag
    ) async throws(StoreError) -> [LostStream] {
        try await perform(nil, try await store.renew(streams, reserved: reserved, of: tag))
    }

    package func end(_ attempt: Attempt, of tag: Tag) async throws(StoreError) {
        try await perform(.end, try await store.end(attempt, of: tag))
    }

    package func revoke(_ token: StreamToken) async throws(StoreError) -> TokenState {
        try await perform(nil, try await store.revoke(token))
    }

    package func inspect(_ token: StreamToken) async throws(StoreError) -> TokenDetails {
        try await perform(nil, try await store.inspect(token))
    }

    package func ping() async throws(StoreError) {
        try await perform(nil, try await store.ping())
    }
}
