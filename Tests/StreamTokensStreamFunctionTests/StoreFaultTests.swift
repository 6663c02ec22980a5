import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A store that fails")
struct StoreFaultTests {
    enum Operation: String, CaseIterable, Sendable {
        case check
        case reserve
        case commit
        case release
        case renew
        case end
    }

    /// Fails one operation `left` times, after it was executed or without that.
    struct FaultyStore: TokenStore {
        let store: MemoryTokenStore
        /// Nil: none.
        let operation: Operation?
        let isExecuted: Bool
        /// A release opens `begun`, then waits for `mayEnd`.
        var releasing: (begun: Gate, mayEnd: Gate)?
        let left = Lock(1)
        /// Called before a renewal; what it returns is called after it.
        var onRenewal: (@Sendable () -> @Sendable () -> Void)?

        private func run<Result: Sendable>(
            _ operation: Operation,
            _ body: () async -> Result
        ) async throws(StoreError) -> Result {
            let fails =
                operation == self.operation
                && left.withLock { left in
                    defer { left -= 1 }
                    return left > 0
                }
            guard fails else { return await body() }
            if isExecuted { _ = await body() }
            throw StoreError("the test says so", mayHaveBeenExecuted: true)
        }

        func check(_ token: StreamToken) async throws(StoreError) -> ReserveRefusal? {
            try await run(.check) { await store.check(token) }
        }

        func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) async throws(StoreError) -> ReserveOutcome
        {
            try await run(.reserve) { await store.reserve(token, for: attempt, lease: lease) }
        }

        func commit(
            _ token: StreamToken,
            for attempt: Attempt,
            countsAsOpen: Bool
        ) async throws(StoreError) -> CommitOutcome {
            try await run(.commit) { await store.commit(token, for: attempt, countsAsOpen: countsAsOpen) }
        }

        func admit(_ token: StreamToken, for attempt: Attempt) async -> AdmitOutcome {
            await store.admit(token, for: attempt)
        }

        func release(
            _ token: StreamToken,
            for attempt: Attempt,
            refusal: PolicyRefusal?
        ) async throws(StoreError) {
            if let releasing {
                releasing.begun.open()
                _ = await releasing.mayEnd.opened()
            }
            try await run(.release) { await store.release(token, for: attempt, refusal: refusal) }
        }

        func mint(_ token: StreamToken, with key: APIKey, ttl: Int, policy: Policy?) async -> MintOutcome {
            await store.mint(token, with: key, ttl: ttl, policy: policy)
        }

        func renew(
            _ streams: [OpenStream],
            reserved: [OpenStream],
            of tag: StreamTokens.Tag
        ) async throws(StoreError) -> [LostStream] {
            let renewed = onRenewal?()
            defer { renewed?() }
            return try await run(.renew) { await store.renew(streams, reserved: reserved, of: tag) }
        }

        func end(_ attempt: Attempt, of tag: StreamTokens.Tag) async throws(StoreError) {
            try await run(.end) { await store.end(attempt, of: tag) }
        }

        func revoke(_ token: StreamToken) async -> TokenState { await store.revoke(token) }
        func inspect(_ token: StreamToken) async -> TokenDetails { await store.inspect(token) }
        func ping() {}
    }

    @Test(
        "at the reservation or the commit opens no stream, and token and credit are given back",
        arguments: [Operation.reserve, .commit],
        [true, false]
    )
    func fails(operation: Operation, isExecuted: Bool) async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow, credits: 1) {
            FaultyStore(store: $0, operation: operation, isExecuted: isExecuted)
        }
        let token = try await fixture.mint()
        let response = await fixture.ask(StreamFixture.post(token))
        #expect(response.status == 503)
        #expect(response.code == "store_unavailable")
        #expect(response.headers[.retryAfter] == "1")
        #expect(response.cause == "the test says so")
        #expect(workflow.cancelCount.withLock { $0 } == workflow.calls.withLock { $0.count })

        let maintenance = Task { await fixture.function.maintain() }
        while fixture.clock.sleeperCount == 0 { await Task.yield() }
        fixture.clock.advance(by: .seconds(1))
        while try await !fixture.isLive(token) { await Task.yield() }
        maintenance.cancel()
        await maintenance.value
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [1, 0, 0])
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 200)
    }

    @Test("an attempt of unknown outcome is released before the process may be frozen")
    func settled() async throws {
        let fixture = try await StreamFixture(credits: 1) {
            FaultyStore(store: $0, operation: .commit, isExecuted: true)
        }
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 503)
        await fixture.function.settle()
        #expect(try await fixture.isLive(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [1, 0, 0])
    }

    @Test("a running release is awaited before the process may be frozen")
    func settledOnce() async throws {
        let releasing = (begun: Gate(), mayEnd: Gate())
        let fixture = try await StreamFixture(credits: 1) {
            FaultyStore(store: $0, operation: .commit, isExecuted: true, releasing: releasing)
        }
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 503)
        let first = Task { await fixture.function.settle() }
        #expect(await releasing.begun.opened())
        let second = Task {
            await fixture.function.settle()
            return try await fixture.isLive(token)
        }
        for _ in 0..<1000 { await Task.yield() }
        releasing.mayEnd.open()
        #expect(try await second.value)
        await first.value
    }

    @Test("a failed release is repeated")
    func release() async throws {
        let fixture = try await StreamFixture(ScriptedWorkflow(.failure(.timedOut))) {
            FaultyStore(store: $0, operation: .release, isExecuted: false)
        }
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 504)
        #expect(try await !fixture.isLive(token))
        let maintenance = Task { await fixture.function.maintain() }
        maintenance.cancel()
        await maintenance.value
        #expect(try await fixture.isLive(token))
    }

    @Test("a failed end of a stream is repeated", arguments: [true, false])
    func end(isMaintained: Bool) async throws {
        let fixture = try await StreamFixture(ScriptedWorkflow("a")) {
            FaultyStore(store: $0, operation: .end, isExecuted: false)
        }
        try await expect(fixture.ask(StreamFixture.post(fixture.mint())).status, is: 200)
        try await expect(fixture.organization.open, is: 1)
        if isMaintained {
            let maintenance = Task { await fixture.function.maintain() }
            while fixture.clock.sleeperCount == 0 { await Task.yield() }
            fixture.clock.advance(by: .seconds(1))
            while try await fixture.organization.open > 0 { await Task.yield() }
            maintenance.cancel()
            await maintenance.value
        } else {
            await fixture.function.settle()
        }
        try await expect(fixture.organization.open, is: 0)
    }

    @Test("a reservation that was lost before the commit opens no stream")
    func lost() async throws {
        let fixture = try await StreamFixture(credits: 1)
        let token = try await fixture.mint(ttl: 300)
        let slow = StreamFunction(
            store: fixture.store,
            workflow: ScriptedWorkflow(.success([])) { fixture.time.advance(35_000) },
            clock: fixture.clock,
            randomBits: SeededGenerator.bits(seed: 9)
        )
        let response = await slow.handle(StreamFixture.post(token))
        #expect(response.status == .serviceUnavailable)
        #expect(try await fixture.isLive(token))
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [1, 0, 0])
    }
}
