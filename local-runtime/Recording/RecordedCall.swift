import FunctionCore
import FunctionEventLoop
import LocalRuntimeFixtures
import StreamTokens
import StreamTokensWorkflows

/// One call of the functions: the whole request and response, and what the store and the workflow returned meanwhile.
final class RecordedCall: ExchangeObserver {
    /// The call that the current task belongs to.
    @TaskLocal static var current: RecordedCall?

    /// The result of one store operation.
    enum StoreEvent: Sendable {
        case minted(StreamToken, APIKey, ttl: Int, MintOutcome)
        case reserved(StreamToken, ReserveOutcome)
        case committed(CommitOutcome)
        case failed
    }

    struct Content: Sendable {
        /// The request's body, as far as the function read it.
        var body: [UInt8] = []
        /// Whether the request's body broke off.
        var isBroken = false
        /// Without its body.
        var response: Response?
        /// The response's body, as far as it was written, without heartbeats.
        var responseBody: [UInt8] = []
        var isComplete = false

        var storeEvents: [StoreEvent] = []
        /// The workflow's outputs, without silence and end.
        var outputs: [WorkflowOutput] = []
        var failure: WorkflowFailure?
        /// Whether the workflow ended by itself.
        var hasWorkflowEnded = false
        /// Nil if no workflow was started.
        var workflow: WorkflowCall?

        /// The size of `outputs`, in bytes.
        fileprivate var outputSize = 0
        /// Whether the call was too long: then none of its content is kept.
        var isTooLong = false

        /// The size of all that is kept, in bytes.
        fileprivate var size: Int {
            body.count + responseBody.count + outputSize + outputs.count * RecordedCall.outputOverhead
        }
    }

    /// The longest body or output that is kept, in bytes.
    static let sizeLimit = EventReader.sizeLimit
    /// About how many bytes an output takes besides its content.
    fileprivate static let outputOverhead = 16

    /// Its body must not be read here: that is up to the function.
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

    func responded(_ response: Response) {
        var head = response
        head.body = .empty
        lock.withLock { [head] in $0.response = head }
    }

    func written(_ bytes: [UInt8]) {
        // Heartbeats depend on the clock and carry no content.
        let isHeartbeat =
            bytes == ServerSentEvent.heartbeat && content.response?.headers[.contentType] == "text/event-stream"
        if !isHeartbeat { keep(bytes.count) { $0.responseBody += bytes } }
    }

    func ended(isComplete: Bool) {
        lock.withLock { $0.isComplete = isComplete }
        whenEnded(self)
    }

    /// Calls `change`, which adds `count` bytes. Without room for them, drops everything.
    private func keep(_ count: Int, _ change: (inout Content) -> Void) {
        lock.withLock { content in
            guard !content.isTooLong else { return }
            let size = content.size
            change(&content)
            let maxSize = max(content.body.count, content.responseBody.count, content.outputSize)
            if maxSize > Self.sizeLimit || !budget.take(count) {
                (content.body, content.responseBody, content.outputs, content.outputSize) = ([], [], [], 0)
                content.isTooLong = true
                budget.giveBack(size)
            }
        }
    }
}
