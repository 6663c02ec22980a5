import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("A store whose commits wait for a replica")
struct DurabilityTests {
    @Test("a commit without its replica fails; a release makes the token live again and returns the credit")
    func released() async throws {
        let primary = try RedisServer(.tcp, arguments: ["--repl-diskless-sync-delay", "0"])
        guard case .tcp(_, let port) = primary.url.endpoint else { return }
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let client = RedisClient(primary.url, on: loop, timeout: .seconds(3), replicas: 1)
        let store = RedisTokenStore(client: client)
        let fixture = StoreFixture(store, ManualClock())
        let tenant = try await fixture.tenant(credits: 5)

        let (token, attempt) = (try await tenant.mint(), fixture.attempt())
        _ = try await store.reserve(token, for: attempt, lease: 30_000)
        let error = await #expect(throws: StoreError.self) { try await store.commit(token, for: attempt) }
        #expect(error?.mayHaveBeenExecuted == true)
        #expect(error?.description.contains("0 of 1 replicas") == true)
        #expect(try await store.show(token).isUsed)
        try await store.release(token, for: attempt)
        #expect(try await store.show(token).isLive)
        try await expect(tenant.state().credits, is: 5)

        let replica = try RedisServer(.tcp, arguments: ["--replicaof", "127.0.0.1", "\(port)"])
        let isCommitted = try await waitUntil {
            let attempt = fixture.attempt()
            _ = try await store.reserve(token, for: attempt, lease: 30_000)
            if (try? await store.commit(token, for: attempt)) == .committed { return true }
            try await store.release(token, for: attempt)
            return false
        }
        #expect(isCommitted)
        try await expect(tenant.state().credits, is: 4)
        withExtendedLifetime(replica) {}
        await client.close()
    }
}

extension TokenState {
    fileprivate var isLive: Bool { if case .live = self { true } else { false } }
    fileprivate var isUsed: Bool { if case .used = self { true } else { false } }
}
