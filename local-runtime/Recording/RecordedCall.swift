import FunctionCore
import FunctionEventLoop
import LocalRuntimeFixtures
import StreamTokens
import StreamTokensWorkflows

/// One call of the functions: what was asked and answered, whole, and what the store and the workflow said meanwhile.
final class RecordedCall: ExchangeObserver {
    /// The call that the task belongs to.
    @TaskLocal static var current: RecordedCall?

    /// What an operation of the store came to.
    enum StoreEvent: Sendable {
        case minted(StreamToken, APIKey, ttl: Int, MintOutcome)
        case reserved(StreamToken, ReserveOutcome)
        case committed(CommitOutcome)
        /// It failed.
        case failed
    }

    struct Content: Sendable {
        /// As far as the function read it.
        package var body: [UInt8] = []
        /// Whether the request's body came to no end.
        var isBroken = false
        /// Without its body.
        package var response: Response?
        /// The answer's body, as far as it was written, without heartbeats.
        package var answer: [UInt8] = []
        var isComplete = false

        var storeEvents: [StoreEvent] = []
        /// What the workflow gave; silence and end left out.
        var outputs: [WorkflowOutput] = []
        package var failure: WorkflowFailure?
        /// Whether the workflow came to its end by itself.
        var hasWorkflowEnded = false
        /// Nil if no workflow was asked for.
        package var workflow: WorkflowCall?

        /// How much of `outputs` there is, in bytes.
        fileprivate var outputSize = 0
        /// Whether there was too much to be kept: then nothing is.
        package var isTooLong = false
    }

    /// The longest body or output that is kept, in bytes.
    static let sizeLimit = EventReader.sizeLimit
    /// What an output takes besides its bytes, about.
    fileprivate static let outputOverhead = 16

    /// Its body is not to be read here.
    let request: Request
    /// Milliseconds since 1970.
    let start = WallClock.milliseconds
    private let lock = Lock(Content())
    private let budget: RecordingBudget
    private let whenEnded: @Sendable (RecordedCall) -> Void

    init(_ request: Request, _ budget: RecordingBudget, whenEnded: @escaping @Sendable (RecordedCall) -> Void) {
        self.request = request
        self.budget = budget
        self.whenEnded = whenEnded
    }

    deinit {
        budget.giveBack(content.size)
    }

    var content: Content { lock.withLock { $0 } }

    func note(_ event: StoreEvent) {
        lock.withLock { $0.storeEvents.append(event) }
    }

    func note(started workflow: WorkflowCall) {
        lock.withLock { $0.workflow = workflow }
    }

    func note(_ output: WorkflowOutput) {
        switch output {
        case .silence: break
        case .end: lock.withLock { $0.hasWorkflowEnded = true }
        case .bytes(let bytes): keep(bytes.count + Self.outputOverhead) { $0.append(output, bytes.count) }
        case .event(let event):
            let count = event.data.utf8.count
            keep(count + Self.outputOverhead) { $0.append(output, count) }
        case .reconnection(let reconnection):
            let count = reconnection.id?.utf8.count ?? 0
            keep(count + Self.outputOverhead) { $0.append(output, count) }
        }
    }

    func note(_ failure: WorkflowFailure) {
        lock.withLock { $0.failure = failure }
    }

    func read(_ bytes: [UInt8]) {
        keep(bytes.count) { $0.body += bytes }
    }

    func broke() {
        lock.withLock { $0.isBroken = true }
    }

    func answered(_ response: Response) {
        var head = response
        head.body = .empty
        lock.withLock { [head] in $0.response = head }
    }

    func written(_ bytes: [UInt8]) {
        // Comments tell nothing, and come by the clock.
        let isHeartbeat = bytes == ServerSentEvent.heartbeat && content.isEventStream
        if !isHeartbeat { keep(bytes.count) { $0.answer += bytes } }
    }

    func ended(isComplete: Bool) {
        lock.withLock { $0.isComplete = isComplete }
        whenEnded(self)
    }

    /// Has `change` keep `count` bytes more, unless there is no room for them.
    private func keep(_ count: Int, _ change: (inout Content) -> Void) {
        lock.withLock { content in
            guard !content.isTooLong else { return }
            let size = content.size
            change(&content)
            if content.isOverLimit || !budget.take(count) {
                content.drop()
                budget.giveBack(size)
            }
        }
    }
}

extension RecordedCall.Content {
    /// How much is kept, in bytes.
    fileprivate var size: Int {
        body.count + answer.count + outputSize + outputs.count * RecordedCall.outputOverhead
    }

    fileprivate var isOverLimit: Bool {
        max(body.count, answer.count, outputSize) > RecordedCall.sizeLimit
    }

    fileprivate var isEventStream: Bool {
        response?.headers[.contentType] == "text/event-stream"
    }

    fileprivate mutating func append(_ output: WorkflowOutput, _ size: Int) {
        outputs.append(output)
        outputSize += size
    }

    fileprivate mutating func drop() {
        (body, answer, outputs, outputSize) = ([], [], [], 0)
        isTooLong = true
    }
}
