import FunctionCore
package import StreamTokens
package import StreamTokensRedemption
import StreamTokensWorkflows

/// An outcome of a request for a stream, at once or later: for metrics, the audit and the log. It holds no secret.
package struct StreamEvent: Sendable {
    package let origin: RequestOrigin
    package let kind: Kind

    package enum Kind: Sendable {
        /// No stream opened. The token is nil if the request had no well-formed one; `cause` is for the operator.
        case refused(StreamRefusal, StreamToken?, cause: String?)
        /// The response has begun at once, while the token is only reserved. ``opened(_:after:)`` or
        /// ``failed(_:_:status:cause:)`` follows.
        case waiting(OpenStream)
        /// A stream that was opened at once has ended before its workflow began: its token is not used. `status` is the
        /// one in its last event; `cause` is for the operator.
        case failed(OpenStream, StreamRefusal, status: Int, cause: String?)
        /// The token is used, its credit is charged and the stream is open, `after` this time since the request came.
        case opened(OpenStream, after: Duration)
        /// A client has taken up a stream again, behind the event with that number.
        case resumed(StreamToken, after: Int)
        /// A stream that should have been resumable has no log; `cause` is for the operator.
        case unlogged(OpenStream, cause: String)
        /// An open stream has ended; `early` is nil if its workflow ended.
        case ended(early: EarlyEnd?, cause: String?, lasted: Duration)
        /// The store failed: the attempt may hold the token, or may have used it.
        case unsettled
        /// Such an attempt is released for certain; if `wasCommitting`, its credit is given back too.
        case released(StreamToken, wasCommitting: Bool)
    }
}

extension StreamEvent.Kind {
    init(_ event: UnsettledAttempts.Event) {
        switch event {
        case .unsettled: self = .unsettled
        case .released(let token, let wasCommitting): self = .released(token, wasCommitting: wasCommitting)
        }
    }
}

extension RequestOrigin {
    init(_ request: Request, traceID: String) {
        let name = StreamPath.workflowName(in: request.path)
        self.init(
            requestID: request.id,
            traceID: traceID,
            // Any other text could be of any length.
            workflow: name.flatMap { WorkflowCall.isName($0) ? String($0) : nil },
            client: request.clientAddress
        )
    }
}

/// Why an open stream ended before its workflow did. The raw values are the codes that its client gets.
package enum EarlyEnd: String, CaseIterable, Sendable {
    /// The client has gone, or the process ends.
    case interrupted = "stream_interrupted"
    case tooLong = "stream_too_long"
    case revoked = "revoked"
    case workflowUnavailable = "workflow_unavailable"
    case workflowEventTooLarge = "workflow_event_too_large"
    case workflowTimeout = "workflow_timeout"
    /// Its client has asked for its end.
    case stopped = "stopped"
    /// Its log was lost while nobody read it here: what follows could not be resumed.
    case lost = "stream_lost"
}
