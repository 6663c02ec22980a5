import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensAdmitFunction
import Support
import Testing

@Suite("A proxy that asks twice about a request")
struct AdmitRetryTests {
    @Test("gets the same answer for ten seconds if it shows the secret, for one credit")
    func sameAnswer() async throws {
        let fixture = try await AdmitFixture(credits: 5) { $0.secret = ProxySecret(AdmitFixture.secret) }
        let token = try await fixture.mint()
        let question = AdmitFixture.question("/?token=\(token)", id: "7f3a")
        for _ in 0..<3 { try await expect(fixture.answer(question), is: "204") }
        try await expect(
            fixture.answer(AdmitFixture.question("/?token=\(token)", id: "7f3b")),
            is: "401 invalid_token"
        )
        fixture.time.advance(9999)
        try await expect(fixture.answer(question), is: "204")
        fixture.time.advance(1)
        try await expect(fixture.answer(question), is: "401 invalid_token")
        await expect(fixture.counts, is: [4, 0, 0])
    }

    @Test(
        "gets none without the secret: the id could be the client's",
        arguments: [nil, "", "what only the proxy know", "what only the proxy knowsX", "what only the proxy knowX"]
    )
    func withoutSecret(shown: String?) async throws {
        let fixture = try await AdmitFixture { $0.secret = ProxySecret(AdmitFixture.secret) }
        let token = try await fixture.mint()
        var question = AdmitFixture.question("/?token=\(token)", id: "7f3a", secret: shown ?? "")
        if shown == nil { question.headers["x-admit-secret"] = nil }
        try await expect(fixture.answer(question), is: "204")
        try await expect(fixture.answer(question), is: "401 invalid_token")
    }

    @Test("gets none if ADMIT_SECRET is not set, whatever it shows")
    func secretNotSet() async throws {
        let fixture = try await AdmitFixture()
        let token = try await fixture.mint()
        let question = AdmitFixture.question("/?token=\(token)", id: "7f3a")
        try await expect(fixture.answer(question), is: "204")
        try await expect(fixture.answer(question), is: "401 invalid_token")
    }

    @Test("gets none if the id is missing, empty or there twice")
    func noID() async throws {
        let fixture = try await AdmitFixture { $0.secret = ProxySecret(AdmitFixture.secret) }
        for ids in [[], [""], ["a", "a"]] as [[Headers.Value]] {
            var question = AdmitFixture.question("/?token=\(try await fixture.mint())", id: "a")
            question.headers[.xRequestID] = nil
            for id in ids { question.headers.append(.xRequestID, id) }
            try await expect(fixture.answer(question), is: "204")
            try await expect(fixture.answer(question), is: "401 invalid_token")
        }
    }

    @Test("a secret must be long enough")
    func length() {
        #expect(ProxySecret("fifteen letters") == nil)
        #expect(ProxySecret("sixteen letters!") != nil)
    }

    /// Executes the first admission but loses its outcome.
    private struct LosingStore: TokenStore {
        let store: MemoryTokenStore
        let isExecuted: Bool
        let left = Lock(1)

        func admit(_ token: StreamToken, for attempt: Attempt) async throws(StoreError) -> AdmitOutcome {
            let isLost = left.withLock { left in
                defer { left -= 1 }
                return left > 0
            }
            guard isLost else { return await store.admit(token, for: attempt) }
            if isExecuted { _ = await store.admit(token, for: attempt) }
            throw StoreError("the test says so", mayHaveBeenExecuted: true)
        }

        func release(_ token: StreamToken, for attempt: Attempt, refusal: PolicyRefusal?) async {
            await store.release(token, for: attempt, refusal: refusal)
        }
        func mint(_ token: StreamToken, with key: APIKey, ttl: Int, policy: Policy?) async -> MintOutcome {
            await store.mint(token, with: key, ttl: ttl, policy: policy)
        }
        func check(_ token: StreamToken) async -> ReserveRefusal? { await store.check(token) }
        func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async -> ReserveOutcome {
            await store.reserve(token, for: attempt, lease: lease)
        }
        func commit(_ token: StreamToken, for attempt: Attempt, countsAsOpen: Bool) async -> CommitOutcome {
            await store.commit(token, for: attempt, countsAsOpen: countsAsOpen)
        }
        func renew(_: [OpenStream], reserved: [OpenStream], of tag: StreamTokens.Tag) async -> [LostStream] { [] }
        func end(_ attempt: Attempt, of tag: StreamTokens.Tag) async {}
        func revoke(_ token: StreamToken) async -> TokenState { await store.revoke(token) }
        func inspect(_ token: StreamToken) async -> TokenDetails { await store.inspect(token) }
        func ping() {}
    }

    @Test("an admission without an answer is undone, and its token opens a stream later", arguments: [true, false])
    func undone(isExecuted: Bool) async throws {
        let fixture = try await AdmitFixture(credits: 1, wrap: { LosingStore(store: $0, isExecuted: isExecuted) })
        let token = try await fixture.mint()
        let question = AdmitFixture.question("/?token=\(token)")
        let response = await fixture.ask(question)
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "1")
        let maintenance = Task { await fixture.function.maintain() }
        for _ in 0..<2 {
            while fixture.clock.sleeperCount == 0 { await Task.yield() }
            fixture.clock.advance(by: .seconds(1))
        }
        while await fixture.state(token) != "live" { await Task.yield() }
        maintenance.cancel()
        await maintenance.value
        await expect(fixture.counts, is: [1, 0, 0])
        try await expect(fixture.answer(question), is: "204")
    }

    @Test("an admission without an answer is not undone once the proxy's next question was answered")
    func notUndone() async throws {
        let fixture = try await AdmitFixture(
            credits: 1,
            { $0.secret = ProxySecret(AdmitFixture.secret) },
            wrap: { LosingStore(store: $0, isExecuted: true) }
        )
        let token = try await fixture.mint()
        let question = AdmitFixture.question("/?token=\(token)", id: "7f3a")
        try await expect(fixture.answer(question), is: "503 store_unavailable")
        try await expect(fixture.answer(question), is: "204")
        await fixture.function.settle()
        await expect(fixture.state(token), is: "used")
        await expect(fixture.counts, is: [0, 0, 0])
    }

    @Test("a proxy that has hung up uses no token")
    func gone() async throws {
        let fixture = try await AdmitFixture(credits: 1)
        let token = try await fixture.mint()
        let (begun, mayGo) = (Gate(), Gate())
        let asking = Task {
            begun.open()
            _ = await mayGo.opened()
            return await fixture.ask(AdmitFixture.question("/?token=\(token)"))
        }
        #expect(await begun.opened())
        asking.cancel()
        mayGo.open()
        let response = await asking.value
        #expect(response.status == Status(499))
        await expect(fixture.state(token), is: "live")
        await expect(fixture.counts, is: [1, 0, 0])
    }
}
