import FunctionCore
package import StreamTokens

/// What came of a request for a stream, then or later: for counts, the audit and the log. It holds no secret.
package struct StreamEvent: Sendable {
    package let origin: Origin
    package let kind: Kind

    package enum Kind: Sendable {
        /// No stream opened. The token is there if one was read; `cause` is for the operator.
        case refused(StreamRefusal, StreamToken?, cause: String?)
        /// The token is spent, its credit is charged and the stream is open, so long after the request came.
        case opened(OpenStream, after: Duration)
        /// An open stream has ended, early unless it ended by itself.
        case ended(early: EarlyEnd?, cause: String?, lasted: Duration)
        /// An attempt may hold the token, or may have spent it, though the store's answer never came.
        case unsettled
        /// What such an attempt held is given back for certain: the credit too, if `wasCommitting`.
        case released(StreamToken, wasCommitting: Bool)
    }

    init(_ origin: Origin, _ kind: Kind) {
        self.origin = origin
        self.kind = kind
    }

    /// The request that an event goes back to.
    package struct Origin: Sendable {
        package let requestID: String
        /// Of its trace, the caller's or its own.
        package let traceID: String
    }
}

/// Why an open stream ended before its workflow's end; the words are those that its client is told.
package enum EarlyEnd: String, CaseIterable, Sendable {
    /// The client has gone, or the process ends.
    case interrupted = "stream_interrupted"
    case tooLong = "stream_too_long"
    case revoked = "revoked"
    case workflowUnavailable = "workflow_unavailable"
    case workflowEventTooLarge = "workflow_event_too_large"
    case workflowTimeout = "workflow_timeout"
}
