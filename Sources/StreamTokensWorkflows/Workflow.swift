import FunctionBytes
package import FunctionCore

/// Starts the runs whose output streams carry.
package protocol Workflow: Sendable {
    /// Starts a run, and returns once its first output is there or it has ended without any.
    ///
    /// Throws ``WorkflowFailure/timedOut`` if that takes longer than `limit`, and ``WorkflowFailure/cancelled`` if the
    /// caller's task is cancelled. If it throws, nothing is left running.
    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun
}

/// A started run. Its reader pulls the output piece by piece, so that a slow reader exerts backpressure.
package protocol WorkflowRun: Sendable {
    /// The next output, or ``WorkflowOutput/silence`` if none came within `limit`; call it again then.
    ///
    /// Throws if the run cannot go on: ``WorkflowFailure/cancelled`` after ``cancel()``, and if the caller's task is
    /// cancelled. One caller at a time.
    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput

    /// The next output if it is there already, otherwise nil.
    func nextAtOnce() async throws(WorkflowFailure) -> WorkflowOutput?

    /// Ends the run at once, and a pending ``next(within:)`` too. Whoever started the run calls it, even after its end.
    func cancel() async

    /// Ends a pending ``next(within:)`` when its caller's task is cancelled. Its caller calls this, on any thread, so that
    /// a run need not look for that during each wait, which would cost more than the rest of a wait.
    func interrupt()
}

extension WorkflowRun {
    /// For runs whose waits end by themselves when their task is cancelled.
    package func interrupt() {}
}

extension WorkflowRun {
    /// Knows of none, so that ``next(within:)`` waits for it.
    package func nextAtOnce() -> WorkflowOutput? { nil }
}

/// One piece of a run's output.
package enum WorkflowOutput: Hashable, Sendable {
    /// At least one byte, as it came.
    case bytes([UInt8])
    /// An event of a workflow that itself streams server-sent events.
    case event(ServerSentEvent)
    /// `id` or `retry` without an event, from such a workflow: how a client is to reconnect.
    case reconnection(ServerSentEvent.Reconnection)
    /// No output came within the limit.
    case silence
    /// The run is complete.
    case end
}

/// Why a run did not start, or cannot go on.
package enum WorkflowFailure: Error, Hashable, Sendable {
    /// There is no workflow of that name.
    case notFound
    /// The workflow refuses its variables. The reason is for the log; the variable, if known, is for the client.
    case rejected(String, variable: VariableName? = nil)
    /// The workflow has too much to do. `retryAfter` is in seconds; nil if it did not say.
    case busy(retryAfter: Int?)
    /// The workflow is down, broke off, or sent a malformed response. The reason is for the log and holds no secret.
    case unavailable(String)
    /// A server-sent event of the workflow is over the limit, in bytes.
    case eventTooLarge(limit: Int)
    /// No output came in time.
    case timedOut
    /// The caller cancelled the run.
    case cancelled
}

/// A variable's name that is safe to show to a client, even if a stranger chose it: a letter or `_`, then letters,
/// digits, `_`, `-` and `.`.
package struct VariableName: Hashable, Sendable, CustomStringConvertible {
    private static let maxLength = 64

    package let description: String

    /// Nil if `text` has another form. Cuts it after 64 characters.
    package init?(_ text: String) {
        let name = text.utf8.prefix(Self.maxLength)
        guard let first = name.first, first.isLetter || first == UInt8(ascii: "_"),
            name.allSatisfy({ $0.isLetterOrDigit || "_-.".utf8.contains($0) })
        else { return nil }
        description = String(decoding: name, as: UTF8.self)
    }
}

/// Which workflow to run, for whom, and on what.
package struct WorkflowCall: Sendable {
    /// The workflow's name, `[A-Za-z0-9_-]{1,64}`.
    package let workflow: String
    /// The members of a JSON object.
    package let variables: [JSON.Member]
    /// The same as JSON text; if the request's body had them, exactly as its sender wrote it.
    package let variablesText: [UInt8]
    /// The name of the organization that is charged.
    package let organization: String
    /// The end user whom the token's policy names; nil if it names none.
    package let user: String?
    /// The request's id in logs.
    package let requestID: String
    /// The trace that the request belongs to (W3C Trace Context, section 3.2).
    package let traceparent: String
    /// Data of tracing systems about it (section 3.3); empty if the request had none.
    package let tracestate: String

    package init(
        workflow: String,
        variables: [JSON.Member] = [],
        variablesText: [UInt8] = Array("{}".utf8),
        organization: String,
        user: String? = nil,
        requestID: String = "",
        traceparent: String = "",
        tracestate: String = ""
    ) {
        self.workflow = workflow
        self.variables = variables
        self.variablesText = variablesText
        self.organization = organization
        self.user = user
        self.requestID = requestID
        self.traceparent = traceparent
        self.tracestate = tracestate
    }

    /// Whether a workflow can have that name.
    package static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
    }

    /// The variable of that name.
    package subscript(_ name: String) -> JSON? {
        variables.value(of: name)
    }
}
