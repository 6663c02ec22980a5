import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A stream that is resumed on another loop")
struct OtherLoopTests {
    /// A second function on the store of the first one, as another loop or process has it.
    private struct OtherLoop {
        let runs: CountingRunStore
        let clock = SteppedClock()
        let function: StreamFunction

        init(besides stream: ResumableStream) {
            runs = CountingRunStore(stream.fixture.store)
            function = StreamFunction(
                store: stream.fixture.store,
                runs: runs,
                workflow: stream.workflow,
                clock: clock,
                randomBits: SeededGenerator.bits(seed: 9),
                options: ResumableStream.options
            )
        }

        func resume(_ token: String, after id: String?) async -> StreamClient {
            let response = await function.handle(ResumableStream.request(token, after: id))
            let line = LosableLine(limit: .max)
            return StreamClient(
                response: response,
                line: line,
                sending: Task { try await response.body.write(to: line) }
            )
        }

        /// Lets 100 ms pass, once all its readers wait for them.
        func tick(readers: Int) async {
            // Each has a task for heartbeats, and one of them sleeps for all.
            _ = await waitUntil { clock.sleeperCount == readers + 1 }
            for _ in 0..<200 { await Task.yield() }
            clock.advance(by: .milliseconds(100))
        }
    }

    @Test("costs one command a tick for all of an organization's, and one a second for their leases")
    func commands() async throws {
        let stream = try await ResumableStream(credits: 5)
        let other = OtherLoop(besides: stream)
        var readers: [StreamClient] = []
        for index in 0..<5 {
            let token = index == 0 ? stream.token : try await stream.fixture.mint(ttl: 300)
            let client = await stream.open(ResumableStream.request(token))
            #expect(try await waitUntil { try await client.lastEventID != nil })
            readers.append(await other.resume(token, after: try await client.lastEventID))
        }
        await other.tick(readers: 5)
        _ = await waitUntil { other.clock.sleeperCount == 6 }
        other.runs.reset()
        for _ in 0..<22 { await other.tick(readers: 5) }
        _ = await waitUntil { other.clock.sleeperCount == 6 }
        #expect(other.runs.counts == [.events: 22, .renew: 2])
        // Together: whoever sleeps for all of them must be among those that leave.
        for reader in readers { reader.sending.cancel() }
        for reader in readers { await reader.leave() }
        await stream.end()
    }

    @Test("has every event in order, whatever is there before and comes later")
    func follows() async throws {
        let stream = try await ResumableStream()
        let other = OtherLoop(besides: stream)
        for number in 1...40 { stream.feed("\(number)") }
        let client = await stream.open()
        #expect(try await client.has(40))
        let id = try #require(try await client.events.first?.id)
        let reader = await other.resume(stream.token, after: id)
        #expect(try await reader.has(39))
        for number in 41...80 { stream.feed("\(number)") }
        stream.workflow.feed(.end)
        #expect(
            try await waitUntil {
                other.clock.advance(by: .milliseconds(100))
                return try await reader.events.count == 80
            }
        )
        try await reader.sending.value
        try await expect(reader.texts, is: (2...80).map(String.init) + ["{}"])
        // The owner's reader was told by the owner's next renewal.
        await stream.pass(seconds: 1)
        await stream.end()
    }

    @Test("tells who was displaced by a third loop, within a second")
    func displaced() async throws {
        let stream = try await ResumableStream()
        let (second, third) = (OtherLoop(besides: stream), OtherLoop(besides: stream))
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try await client.lastEventID
        let earlier = await second.resume(stream.token, after: id)
        let latest = await third.resume(stream.token, after: id)
        for _ in 0..<11 { await second.tick(readers: 1) }
        try await expect(earlier.code, is: "resumed_elsewhere")
        await stream.pass(seconds: 1)
        try await expect(client.code, is: "resumed_elsewhere")
        stream.feed("b")
        #expect(
            try await waitUntil {
                third.clock.advance(by: .milliseconds(100))
                return try await latest.events.count == 1
            }
        )
        await latest.leave()
        await stream.end()
    }

    @Test("goes on when the store was away, and gets nothing twice")
    func away() async throws {
        let stream = try await ResumableStream()
        let other = OtherLoop(besides: stream)
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let reader = await other.resume(stream.token, after: try await client.lastEventID)
        await other.tick(readers: 1)
        other.runs.fail(true)
        stream.feed("b")
        for _ in 0..<30 { await other.tick(readers: 1) }
        #expect(try await reader.events.isEmpty)
        other.runs.fail(false)
        stream.feed("c")
        stream.workflow.feed(.end)
        #expect(
            try await waitUntil {
                other.clock.advance(by: .milliseconds(100))
                return try await reader.events.count == 3
            }
        )
        try await expect(reader.texts, is: ["b", "c", "{}"])
        await stream.end()
    }
}

/// Counts a store's commands of readers, and fails them as the test says.
final class CountingRunStore: RunStore {
    enum Operation: Hashable { case events, renew }

    private let store: MemoryTokenStore
    private let state = Lock<(counts: [Operation: Int], fails: Bool)>(([:], false))

    init(_ store: MemoryTokenStore) {
        self.store = store
    }

    var counts: [Operation: Int] { state.withLock { $0.counts } }

    func reset() {
        state.withLock { $0.counts = [:] }
    }

    func fail(_ fails: Bool) {
        state.withLock { $0.fails = fails }
    }

    private func count(_ operation: Operation) throws(StoreError) {
        let fails = state.withLock { state in
            state.counts[operation, default: 0] += 1
            return state.fails
        }
        if fails { throw StoreError("the test says so", mayHaveBeenExecuted: true) }
    }

    func begin(_ run: RunID, _ terms: RunTerms) async throws(StoreError) {
        await store.begin(run, terms)
    }

    func append(_ events: [LoggedEvent], to run: RunID) async throws(StoreError) -> AppendOutcome {
        try await store.append(events, to: run)
    }

    func drop(through number: Int, from run: RunID) async throws(StoreError) {
        await store.drop(through: number, from: run)
    }

    func events(of run: RunID, after number: Int) async throws(StoreError) -> [LoggedEvent] {
        try count(.events)
        return await store.events(of: run, after: number)
    }

    func events(behind places: [LogPlace], of tag: StreamTokens.Tag) async throws(StoreError) -> [[LoggedEvent]] {
        try count(.events)
        return await store.events(behind: places, of: tag)
    }

    func renew(_ renewals: [RunRenewal], of tag: StreamTokens.Tag) async throws(StoreError) -> [RunStanding] {
        await store.renew(renewals, of: tag)
    }

    func attach(
        to run: RunID,
        of workflow: String,
        after number: Int,
        isAllowed: Bool
    ) async throws(StoreError) -> AttachOutcome {
        await store.attach(to: run, of: workflow, after: number, isAllowed: isAllowed)
    }

    func stop(_ run: RunID, of workflow: String, isAllowed: Bool) async throws(StoreError) -> StopOutcome {
        await store.stop(run, of: workflow, isAllowed: isAllowed)
    }

    func renew(_ readers: [ReaderRenewal], of tag: StreamTokens.Tag) async throws(StoreError) -> [ReaderStanding] {
        try count(.renew)
        return await store.renew(readers, of: tag)
    }

    func lose(_ run: RunID) async throws(StoreError) -> Bool {
        await store.lose(run)
    }

    func end(_ run: RunID, isKept: Bool) async throws(StoreError) {
        await store.end(run, isKept: isKept)
    }
}
