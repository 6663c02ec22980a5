import FunctionBytes
package import FunctionCore

/// What a stream runs.
package protocol Workflow: Sendable {
    /// Starts a run and returns as soon as its first output is there, or it has ended without any.
    ///
    /// Takes at most `limit`, and throws ``WorkflowFailure/timedOut`` if that was not enough. When the caller's task is
    /// cancelled it gives up and throws ``WorkflowFailure/cancelled``. What it throws leaves nothing running.
    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun
}

/// A run under way, whose output is asked for piece by piece: it goes no faster than its reader.
package protocol WorkflowRun: Sendable {
    /// The next output, or ``WorkflowOutput/silence`` if none came within `limit`: then it may be asked again.
    ///
    /// Throws why the run cannot go on; ``WorkflowFailure/cancelled`` after ``cancel()`` and when the caller's task is
    /// cancelled. One caller at a time.
    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput

    /// Ends the run, and a wait for its output at once. Whoever started a run calls it when done, also after its end.
    func cancel() async
}

/// What a run gives.
package enum WorkflowOutput: Hashable, Sendable {
    /// Bytes, at least one, as they came.
    case bytes([UInt8])
    /// An event of a workflow that itself streams server-sent events.
    case event(ServerSentEvent)
    /// What such a workflow says, without an event, of how a client reconnects.
    case reconnection(ServerSentEvent.Reconnection)
    /// Nothing for as long as was asked for.
    case silence
    /// The run is complete.
    case end
}

/// Why a run did not start, or cannot go on.
package enum WorkflowFailure: Error, Hashable, Sendable {
    /// There is no workflow of that name.
    case notFound
    /// The workflow refuses its variables. The reason is for the log; the variable, where it is known, for the client.
    case rejected(String, variable: VariableName? = nil)
    /// It has too much to do, and may be asked again after so many seconds, if it said that.
    case busy(retryAfter: Int?)
    /// It is down, broken off, or answers what is no answer. The reason is for the log and holds no secret.
    case unavailable(String)
    /// One of its server-sent events is larger than the most bytes that are taken.
    case eventTooLarge(limit: Int)
    /// Nothing came for too long.
    case timedOut
    /// The caller did not want it any more.
    case cancelled
}

/// A variable's name as a client may be shown it, whoever it comes from: a letter or `_`, then letters, digits, `_`, `-`
/// and `.`.
package struct VariableName: Hashable, Sendable, CustomStringConvertible {
    private static let maxLength = 64

    package let description: String

    /// Nil if it is no plain name. What goes beyond 64 characters is cut off.
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
    /// The same as JSON text, as its sender wrote it where there was a text.
    package let variablesText: [UInt8]
    /// The name of the organization that is charged.
    package let organization: String
    /// What the request is called in logs.
    package let requestID: String
    /// The trace that the request belongs to (W3C Trace Context, section 3.2).
    package let traceparent: String
    /// What tracing systems tell beside it (section 3.3); empty where nothing was told.
    package let tracestate: String

    package init(
        workflow: String,
        variables: [JSON.Member] = [],
        variablesText: [UInt8] = Array("{}".utf8),
        organization: String,
        requestID: String = "",
        traceparent: String = "",
        tracestate: String = ""
    ) {
        self.workflow = workflow
        self.variables = variables
        self.variablesText = variablesText
        self.organization = organization
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
