import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensRedemption
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

/// A stream that was opened at once, whose workflow begins when the test says so, and whose response is being written.
struct SilentStream: Sendable {
    let fixture: StreamFixture
    let workflow = SilentWorkflow()
    let token: String
    let response: Response
    let writer: ObservedWriter
    let sending: Task<Void, any Error>
    private let isSent: Lock<Bool>
    /// When the leases were renewed last, on the store's clock.
    private let renewed: Lock<Int>
    private let maintenance: Task<Void, Never>
    var time: ManualClock { fixture.time }

    /// The store fails the first `times` calls of `failing`. The client goes before it has got more than `writing`
    /// bytes.
    init(
        credits: Int,
        failing: StoreFaultTests.Operation? = nil,
        times: Int = 1,
        writing limit: Int = .max
    ) async throws {
        let (time, renewed) = (ManualClock(), Lock(0))
        self.renewed = renewed
        fixture = try await StreamFixture(workflow, options: AtOnceTests.options, credits: credits, time: time) {
            var store = StoreFaultTests.FaultyStore(store: $0, operation: failing, isExecuted: false)
            store.left.withLock { $0 = times }
            store.onRenewal = {
                let now = time.now
                return { renewed.withLock { $0 = max($0, now) } }
            }
            return store
        }
        token = try await fixture.mint()
        let maintenance = Task { [fixture] in await fixture.function.maintain() }
        self.maintenance = maintenance
        while fixture.clock.sleeperCount == 0 { await Task.yield() }
        response = await fixture.function.handle(StreamFixture.post(token, headers: AtOnceTests.events))
        let writer = ObservedWriter(limit: limit)
        self.writer = writer
        let isSent = Lock(false)
        self.isSent = isSent
        sending = Task { [response] in
            defer {
                maintenance.cancel()
                isSent.withLock { $0 = true }
            }
            try await response.body.write(to: writer)
        }
        while limit > 0, await writer.bytes.isEmpty { await Task.yield() }
    }

    /// Lets time pass on the function's and the store's clock, and waits until leases are renewed or the stream ends.
    func pass(seconds: Int) async throws {
        // Otherwise the maintenance would miss this time.
        while fixture.clock.sleeperCount == 0, !isSent.withLock({ $0 }) { await Task.yield() }
        time.advance(seconds * 1000)
        fixture.clock.advance(by: .seconds(seconds))
        while renewed.withLock({ $0 }) < time.now, !isSent.withLock({ $0 }) {
            // The maintenance does not renew while an earlier renewal comes to its end.
            await fixture.function.renew()
            await Task.yield()
        }
    }

    /// The token's state, in a word.
    var state: String {
        get async throws {
            switch try await fixture.state(token) {
            case .live: "live"
            case .reserved: "reserved"
            case .used: "used"
            case .revoked: "revoked"
            case .unknown: "unknown"
            }
        }
    }

    /// As ``StreamFixture/counts``.
    var counts: [Int?] {
        get async throws { try await fixture.counts }
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
                case .ended(let early, _, _): early?.rawValue ?? "ended"
                case .unsettled: "unsettled"
                case .released: "released"
                case .resumed(_, let after): "resumed after \(after)"
                case .unlogged: "unlogged"
                }
            }
        }
    }

    /// The code and the status in the stream's last event, an error.
    var error: (code: String, status: String) {
        get async throws {
            var parser = ServerSentEventParser()
            let event = try #require(try parser.feed(await writer.bytes).last)
            #expect(event.type == "error")
            #expect(event.id?.hasSuffix(";end") == true)
            let found = try #require(event.data.firstMatch(of: /"code":"([a-z_]+)".*"status":([0-9]+)\}$/))
            return (String(found.1), String(found.2))
        }
    }
}

/// A workflow that has no output until the test says how it begins.
final class SilentWorkflow: Workflow {
    private let state = Lock(State())

    private struct State {
        var plan: Result<[ScriptedWorkflow.Step], WorkflowFailure>?
        var cancelCount = 0
    }

    /// How often it was cancelled, before or after it had begun.
    var cancelCount: Int { state.withLock { $0.cancelCount } }

    /// Begins with these steps, or fails; also for later calls.
    func begin(_ plan: Result<[ScriptedWorkflow.Step], WorkflowFailure>) {
        state.withLock { $0.plan = plan }
    }

    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        while true {
            if Task.isCancelled {
                state.withLock { $0.cancelCount += 1 }
                throw .cancelled
            }
            if let plan = state.withLock({ $0.plan }) {
                return try await ScriptedWorkflow(plan, clock: SteppedClock()).start(call, within: limit)
            }
            await Task.yield()
        }
    }
}

/// Keeps the bytes that are written, and lets the test look at the moment of each write.
actor ObservedWriter: BodyWriter {
    private(set) var bytes: [UInt8] = []
    private let limit: Int
    private var observer: (@Sendable (_ text: String) async -> Void)?

    struct Full: Error {}

    init(limit: Int) {
        self.limit = limit
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func onWrite(_ observer: @escaping @Sendable (_ text: String) async -> Void) {
        self.observer = observer
    }

    func write(_ chunk: [UInt8]) async throws {
        await observer?(String(decoding: chunk, as: UTF8.self))
        guard bytes.count + chunk.count <= limit else { throw Full() }
        bytes += chunk
    }
}
