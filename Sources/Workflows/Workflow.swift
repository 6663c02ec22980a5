/// What a stream runs.
public protocol Workflow: Sendable {
    /// Starts a run and returns as soon as its first output is there, or it has ended without any.
    ///
    /// Takes at most `limit`, and throws ``WorkflowFailure/timedOut`` if that was not enough. When the caller's task is
    /// cancelled it gives up and throws ``WorkflowFailure/cancelled``. What it throws leaves nothing running.
    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun
}

/// A run under way, whose output is asked for piece by piece: it goes no faster than its reader.
public protocol WorkflowRun: Sendable {
    /// The next output, or ``WorkflowOutput/silence`` if none came within `limit`: then it may be asked again.
    ///
    /// Throws why the run cannot go on; ``WorkflowFailure/cancelled`` after ``cancel()`` and when the caller's task is
    /// cancelled. One caller at a time.
    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput

    /// Ends the run, and a wait for its output at once. Whoever started a run calls it when done, also after its end.
    func cancel() async
}
