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
        var body: [UInt8] = []
        /// Whether the request's body came to no end.
        var isBroken = false
        /// Without its body.
        var response: Response?
        /// The answer's body, as far as it was written, without heartbeats.
        var answer: [UInt8] = []
        var isComplete = false

        var storeEvents: [StoreEvent] = []
        /// What the workflow gave; silence and end left out.
        var outputs: [WorkflowOutput] = []
        var failure: WorkflowFailure?
        /// Whether the workflow came to its end by itself.
        var hasWorkflowEnded = false
        /// Nil if no workflow was asked for.
        var workflow: WorkflowCall?

        /// How much of `outputs` there is, in bytes.
        fileprivate var outputSize = 0
        /// Whether there was too much to be kept: then nothing is.
        var isTooLong = false

        /// How much is kept, in bytes.
        fileprivate var size: Int {
            body.count + answer.count + outputSize + outputs.count * RecordedCall.outputOverhead
        }
    }

    /// The longest body or output that is kept, in bytes.
    static let sizeLimit = EventReader.sizeLimit
    /// What an output takes besides its bytes, about.
    fileprivate static let outputOverhead = 16

    /// Its body is not to be read here.
    let request: Request
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
        let count: Int
        switch output {
        case .silence: return
        case .end: return lock.withLock { $0.hasWorkflowEnded = true }
        case .bytes(let bytes): count = bytes.count
        case .event(let event): count = event.data.utf8.count
        case .reconnection(let reconnection): count = reconnection.id?.utf8.count ?? 0
        }
        keep(count + Self.outputOverhead) { content in
            content.outputs.append(output)
            content.outputSize += count
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
        let isHeartbeat =
            bytes == ServerSentEvent.heartbeat && content.response?.headers[.contentType] == "text/event-stream"
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
            let longest = max(content.body.count, content.answer.count, content.outputSize)
            if longest > Self.sizeLimit || !budget.take(count) {
                (content.body, content.answer, content.outputs, content.outputSize) = ([], [], [], 0)
                content.isTooLong = true
                budget.giveBack(size)
            }
        }
    }
}
