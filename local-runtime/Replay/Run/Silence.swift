import FunctionCore
import FunctionEventLoop
import FunctionTesting
import LocalRuntimeFixtures
import StreamTokensWorkflows

/// The silence before the first output of a fixture's workflow. It passes by the store's clock, without waiting: the
/// function renews its leases after each second, as it would.
final class Silence: Sendable {
    private let length: TimeSpan
    private let store: GivenStore
    private let state = Lock(State())

    private struct State {
        var renewLeases: (@Sendable () async -> Void)?
        var contents: JSON?
    }

    init(_ length: TimeSpan, in store: GivenStore) {
        self.length = length
        self.store = store
    }

    /// What the store held at the end of the silence; nil if it has not passed.
    var contents: JSON? { state.withLock { $0.contents } }

    /// Lets these functions renew their leases.
    func renewLeases(by functions: LocalFunctions) {
        state.withLock { $0.renewLeases = functions.renewLeases }
    }

    /// The workflow with the silence before its start.
    func before(_ workflow: any Workflow) -> any Workflow {
        DelayedWorkflow(workflow: workflow, silence: self)
    }

    /// Lets the silence pass, or fails after `limit` if that is shorter.
    fileprivate func pass(within limit: Duration) async throws(WorkflowFailure) {
        let renewLeases = state.withLock { $0.renewLeases }
        var left = min(length.duration, limit)
        while left > .zero {
            guard !Task.isCancelled else { throw .cancelled }
            let step = min(left, .seconds(1))
            store.advance(by: TimeSpan(milliseconds: Interval(step).milliseconds))
            await renewLeases?()
            left -= step
        }
        let contents = try? await store.contents()
        state.withLock { $0.contents = contents }
        guard length.duration <= limit else { throw .timedOut }
    }
}

private struct DelayedWorkflow: Workflow {
    let workflow: any Workflow
    let silence: Silence

    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        try await silence.pass(within: limit)
        return try await workflow.start(call, within: limit)
    }
}
