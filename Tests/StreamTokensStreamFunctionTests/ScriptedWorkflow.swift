import FunctionCore
import FunctionEventLoop
import StreamTokensWorkflows

/// A workflow that follows a test's script, and records its calls.
struct ScriptedWorkflow: Workflow {
    enum Step: Sendable {
        case output(WorkflowOutput)
        case failure(WorkflowFailure)
        /// Only `silence`, until the run or its reader is cancelled.
        case hang
    }

    private let plan: Result<[Step], WorkflowFailure>
    private let clock: any Clock<Duration>
    private let beforeStart: @Sendable () async -> Void
    let calls = Lock<[WorkflowCall]>([])
    let cancelCount = Lock(0)
    /// The time limits of its calls.
    let limits = Lock<[Duration]>([])

    init(
        _ plan: Result<[Step], WorkflowFailure>,
        clock: any Clock<Duration> = SuspendingClock(),
        beforeStart: @escaping @Sendable () async -> Void = {}
    ) {
        self.plan = plan
        self.clock = clock
        self.beforeStart = beforeStart
    }

    /// A workflow that outputs these texts and ends.
    init(_ texts: String...) {
        self.init(.success(texts.map { .output(.bytes(Array($0.utf8))) }))
    }

    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        calls.withLock { $0.append(call) }
        limits.withLock { $0.append(limit) }
        await beforeStart()
        return ScriptedRun(try plan.get(), clock) { [cancelCount] in cancelCount.withLock { $0 += 1 } }
    }
}

private actor ScriptedRun: WorkflowRun {
    private var steps: ArraySlice<ScriptedWorkflow.Step>
    private let clock: any Clock<Duration>
    private let cancelled: @Sendable () -> Void

    init(_ steps: [ScriptedWorkflow.Step], _ clock: any Clock<Duration>, cancelled: @escaping @Sendable () -> Void) {
        self.steps = steps[...]
        self.clock = clock
        self.cancelled = cancelled
    }

    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput {
        guard !Task.isCancelled else { throw .cancelled }
        switch steps.first {
        case nil: return .end
        case .output(let output)?:
            steps.removeFirst()
            return output
        case .failure(let failure)?: throw failure
        case .hang?:
            do {
                try await clock.sleep(for: limit)
            } catch {
                throw .cancelled
            }
            return .silence
        }
    }

    func cancel() {
        cancelled()
    }
}
