import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensRedemption
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

/// A stream function whose streams can be resumed, a token for it, and a workflow that outputs what the test says.
struct ResumableStream: Sendable {
    static let window = 60
    static var secret: Regex<Substring> { #/[A-Za-z0-9_-]{22}/# }

    let fixture: StreamFixture
    let workflow = FedWorkflow()
    let token: String
    private let maintenance: Task<Void, Never>

    static var options: StreamOptions {
        var options = StreamOptions()
        options.resumeWindow = .seconds(window)
        return options
    }

    init(
        options: StreamOptions = options,
        credits: Int? = 1,
        policy: String = "{}",
        runs: (MemoryTokenStore) -> any RunStore = { $0 }
    ) async throws {
        fixture = try await StreamFixture(workflow, options: options, credits: credits, runs: runs)
        token = try await fixture.mint(ttl: 300, policy: policy)
        maintenance = Task { [fixture] in await fixture.function.maintain() }
        while fixture.clock.sleeperCount == 0 { await Task.yield() }
    }

    /// Ends the maintenance, as the end of a process does, and with it all runs.
    func end() async {
        maintenance.cancel()
        await maintenance.value
    }

    /// Asks for the stream as EventSource does, with the Last-Event-ID of an earlier response.
    static func request(_ token: String, after id: String? = nil, path: String = StreamFixture.path) -> Request {
        var request = Request(path: path, query: "token=\(token)", headers: [.accept: "text/event-stream"])
        if let id { request.headers.append("last-event-id", Headers.Value(id) ?? "") }
        return request
    }

    /// Opens or resumes the stream. The line is lost before the client has got more than `limit` bytes.
    func open(after id: String? = nil, losingAfter limit: Int = .max) async -> StreamClient {
        await open(Self.request(token, after: id), losingAfter: limit)
    }

    func open(_ request: Request, losingAfter limit: Int = .max) async -> StreamClient {
        let response = await fixture.function.handle(request)
        let line = LosableLine(limit: limit)
        let sending = Task { try await response.body.write(to: line) }
        return StreamClient(response: response, line: line, sending: sending)
    }

    /// A stream whose runs are in a store that fails as the test says.
    static func withFaultyRuns() async throws -> (ResumableStream, FaultyRunStore) {
        let runs = Lock<FaultyRunStore?>(nil)
        let stream = try await ResumableStream { store in
            let faulty = FaultyRunStore(store)
            runs.withLock { $0 = faulty }
            return faulty
        }
        return (stream, try #require(runs.withLock { $0 }))
    }

    /// Lets time pass on the function's and the store's clock second by second, so that leases are renewed.
    func pass(seconds: Int) async {
        for _ in 0..<seconds {
            fixture.time.advance(1000)
            fixture.clock.advance(by: .seconds(1))
            // The renewal is a few steps of tasks that wait for nothing.
            for _ in 0..<200 { await Task.yield() }
        }
    }

    func feed(_ texts: String...) {
        for text in texts { workflow.feed(.bytes(Array(text.utf8))) }
    }

    /// What was reported, in words.
    var words: [String] {
        fixture.events.withLock { events in
            events.map { event in
                switch event.kind {
                case .waiting: "waiting"
                case .failed(_, let refusal, let status, _): "\(refusal.rawValue) \(status)"
                case .refused(let refusal, _, _): refusal.rawValue
                case .opened: "opened"
                case .resumed(_, let after): "resumed after \(after)"
                case .unlogged: "unlogged"
                case .ended(let early, _, _): early?.rawValue ?? "ended"
                case .unsettled: "unsettled"
                case .released: "released"
                }
            }
        }
    }

    /// As ``StreamFixture/counts``.
    var counts: [Int?] {
        get async throws { try await fixture.counts }
    }

    /// The counts once they are as expected. A stream's place is given back after its end was reported.
    func counts(awaiting expected: [Int?]) async throws -> [Int?] {
        _ = try await waitUntil { try await counts == expected }
        return try await counts
    }
}

/// A client of a stream, as far as it has read.
struct StreamClient: Sendable {
    let response: Response
    let line: LosableLine
    let sending: Task<Void, any Error>

    /// The events that it has, complete ones only.
    var events: [ServerSentEvent] {
        get async throws {
            var parser = ServerSentEventParser()
            return try parser.feed(await line.bytes)
        }
    }

    /// What EventSource would send back: the last id of all complete blocks.
    var lastEventID: String? {
        get async throws {
            var parser = ServerSentEventParser()
            var id: String?
            for block in try parser.blocks(await line.bytes) {
                switch block {
                case .event(let event): id = event.id ?? id
                case .reconnection(let reconnection): id = reconnection.id ?? id
                }
            }
            return id
        }
    }

    var texts: [String] { get async throws { try await events.map(\.data) } }

    /// Waits until it has so many events.
    func has(_ count: Int) async throws -> Bool {
        try await waitUntil(within: .seconds(20)) { try await events.count >= count }
    }

    /// The client leaves.
    func leave() async {
        await line.lose()
        sending.cancel()
        _ = try? await sending.value
    }

    /// The code of its last event, an error.
    var code: String? {
        get async throws {
            _ = try? await sending.value
            guard let event = try await events.last, event.type == "error" else { return nil }
            return event.data.firstMatch(of: /"code":"([a-z_]+)"/).map { String($0.1) }
        }
    }
}

/// A client's line, which can be lost in the middle of anything.
actor LosableLine: BodyWriter {
    private(set) var bytes: [UInt8] = []
    private var limit: Int
    private var isBlocked = false

    struct Lost: Error {}

    init(limit: Int) {
        self.limit = limit
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func lose() {
        limit = 0
    }

    /// The client reads nothing until it is set free.
    func block(_ isBlocked: Bool) {
        self.isBlocked = isBlocked
    }

    func write(_ chunk: [UInt8]) async throws {
        while isBlocked {
            try Task.checkCancellation()
            await Task.yield()
        }
        let room = max(0, limit - bytes.count)
        bytes += chunk.prefix(room)
        guard chunk.count <= room else { throw Lost() }
    }
}

/// A workflow whose output the test feeds.
final class FedWorkflow: Workflow {
    private let state = Lock(State())

    private struct State {
        var outputs: [WorkflowOutput] = []
        var failure: WorkflowFailure?
        var isHeld = false
        var starts = 0
        var taken = 0
        var cancels = 0
    }

    /// How often it was started.
    var starts: Int { state.withLock { $0.starts } }
    /// How many outputs were read.
    var taken: Int { state.withLock { $0.taken } }
    var cancels: Int { state.withLock { $0.cancels } }

    func feed(_ output: WorkflowOutput) {
        state.withLock { $0.outputs.append(output) }
    }

    func fail(_ failure: WorkflowFailure) {
        state.withLock { $0.failure = failure }
    }

    /// Its runs have no first output for as long as this is set.
    func hold(_ isHeld: Bool) {
        state.withLock { $0.isHeld = isHeld }
    }

    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        state.withLock { $0.starts += 1 }
        while state.withLock({ $0.isHeld }) {
            guard !Task.isCancelled else { throw .cancelled }
            if let failure = state.withLock({ $0.failure }) { throw failure }
            await Task.yield()
        }
        return Run(workflow: self)
    }

    fileprivate func take() throws(WorkflowFailure) -> WorkflowOutput? {
        let next: Result<WorkflowOutput?, WorkflowFailure> = state.withLock { state in
            guard !state.outputs.isEmpty else { return state.failure.map { .failure($0) } ?? .success(nil) }
            state.taken += 1
            return .success(state.outputs.removeFirst())
        }
        return try next.get()
    }

    fileprivate func cancel() {
        state.withLock { $0.cancels += 1 }
    }

    private struct Run: WorkflowRun {
        let workflow: FedWorkflow

        func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput {
            while true {
                guard !Task.isCancelled else { throw .cancelled }
                if let output = try workflow.take() { return output }
                do {
                    try await Task.sleep(for: .milliseconds(1))
                } catch {
                    throw .cancelled
                }
            }
        }

        func nextAtOnce() async throws(WorkflowFailure) -> WorkflowOutput? { try workflow.take() }

        func cancel() async { workflow.cancel() }
    }
}

/// A store of runs that fails operations as the test says.
final class FaultyRunStore: RunStore {
    enum Operation: Sendable { case begin, append, events, attach, renew, end }

    private let store: MemoryTokenStore
    private let failing = Lock<Set<Operation>>([])

    init(_ store: MemoryTokenStore, failing: Set<Operation> = []) {
        self.store = store
        self.failing.withLock { $0 = failing }
    }

    func fail(_ operations: Set<Operation>) {
        failing.withLock { $0 = operations }
    }

    private func check(_ operation: Operation) throws(StoreError) {
        guard failing.withLock({ $0.contains(operation) }) else { return }
        throw StoreError("the test says so", mayHaveBeenExecuted: true)
    }

    func begin(_ run: RunID, _ terms: RunTerms) async throws(StoreError) {
        try check(.begin)
        await store.begin(run, terms)
    }

    func append(_ events: [LoggedEvent], to run: RunID) async throws(StoreError) -> AppendOutcome {
        try check(.append)
        return try await store.append(events, to: run)
    }

    func drop(through number: Int, from run: RunID) async throws(StoreError) {
        await store.drop(through: number, from: run)
    }

    func events(of run: RunID, after number: Int) async throws(StoreError) -> [LoggedEvent] {
        try check(.events)
        return await store.events(of: run, after: number)
    }

    func events(behind places: [LogPlace], of tag: StreamTokens.Tag) async throws(StoreError) -> [[LoggedEvent]] {
        try check(.events)
        return await store.events(behind: places, of: tag)
    }

    func renew(_ renewals: [RunRenewal], of tag: StreamTokens.Tag) async throws(StoreError) -> [RunStanding] {
        try check(.renew)
        return await store.renew(renewals, of: tag)
    }

    func attach(
        to run: RunID,
        of workflow: String,
        after number: Int,
        isAllowed: Bool
    ) async throws(StoreError) -> AttachOutcome {
        try check(.attach)
        return await store.attach(to: run, of: workflow, after: number, isAllowed: isAllowed)
    }

    func stop(_ run: RunID, of workflow: String, isAllowed: Bool) async throws(StoreError) -> StopOutcome {
        try check(.attach)
        return await store.stop(run, of: workflow, isAllowed: isAllowed)
    }

    func renew(_ readers: [ReaderRenewal], of tag: StreamTokens.Tag) async throws(StoreError) -> [ReaderStanding] {
        try check(.renew)
        return await store.renew(readers, of: tag)
    }

    func lose(_ run: RunID) async throws(StoreError) -> Bool {
        try check(.renew)
        return await store.lose(run)
    }

    func end(_ run: RunID, isKept: Bool) async throws(StoreError) {
        try check(.end)
        await store.end(run, isKept: isKept)
    }
}
