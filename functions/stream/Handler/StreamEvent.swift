import FunctionCore
package import StreamTokens
import StreamTokensWorkflows

/// An outcome of a request for a stream, at once or later: for metrics, the audit and the log. It holds no secret.
package struct StreamEvent: Sendable {
    package let origin: Origin
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
        /// An open stream has ended; `early` is nil if its workflow ended.
        case ended(early: EarlyEnd?, cause: String?, lasted: Duration)
        /// The store failed: the attempt may hold the token, or may have used it.
        case unsettled
        /// Such an attempt is released for certain; if `wasCommitting`, its credit is given back too.
        case released(StreamToken, wasCommitting: Bool)
    }

    /// The request that caused an event.
    package struct Origin: Sendable {
        package let requestID: String
        /// The id of the caller's trace, or of a new one.
        package let traceID: String
        /// The name of the workflow; nil if the path has no valid one.
        package let workflow: String?
        /// The client's address; nil if unknown.
        package let client: String?
        /// The end user whom the token's policy names; nil if it names none, and before the token is reserved.
        package internal(set) var user: String?

        init(_ request: Request, traceID: String) {
            requestID = request.id
            self.traceID = traceID
            let name = StreamPath.workflowName(in: request.path)
            // Any other text could be of any length.
            workflow = name.flatMap { WorkflowCall.isName($0) ? String($0) : nil }
            client = request.clientAddress
        }
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
}

/// Why no stream opened and the token was not used.
package enum StreamRefusal: String, CaseIterable, Sendable {
    /// By ALLOWED_ORIGINS, or by the token's policy.
    case originNotAllowed = "origin_not_allowed"
    case noToken = "no_token"
    /// The token is malformed, or there is more than one.
    case unusableToken = "unusable_token"
    /// Expired, used, revoked or unknown.
    case invalidToken = "invalid_token"
    case invalidBody = "invalid_body"
    case bodyTooLarge = "body_too_large"
    case tokenInUse = "token_in_use"
    case noCredits = "no_credits"
    case tooManyStreams = "too_many_streams"
    /// The store failed before or at the reservation.
    case storeUnavailable = "store_unavailable"
    /// The token's policy has other workflows.
    case workflowNotAllowed = "workflow_not_allowed"
    /// The page sent a variable that the token's policy locks.
    case variableLocked = "variable_locked"
    /// The page sent a variable that the token's policy does not allow.
    case variableNotAllowed = "variable_not_allowed"
    case workflowNotFound = "workflow_not_found"
    case workflowRejected = "workflow_rejected"
    case workflowBusy = "workflow_busy"
    case workflowUnavailable = "workflow_unavailable"
    /// The workflow's first event is over the limit.
    case workflowEventTooLarge = "workflow_event_too_large"
    case workflowTimeout = "workflow_timeout"
    case clientGone = "client_closed_request"
    /// The attempt no longer held the token at the commit.
    case reservationLost = "reservation_lost"
    /// The store did not reply to the commit: whether it was executed is unknown, and it is undone later.
    case commitUnanswered = "commit_unanswered"
}

/// Thrown for a request that opens no stream, and for a stream, opened at once, whose workflow does not begin. A class,
/// because it is large and rare: as a struct it would take up room in the frame of each function that throws it.
final class Refused: Error {
    /// Nil if the request is not for a stream: another path or method.
    let refusal: StreamRefusal?
    let error: HTTPError
    /// For the operator.
    let cause: String?
    /// The end user whom the token's policy names, for the audit.
    let user: String?

    init(_ refusal: StreamRefusal?, _ error: HTTPError, cause: String? = nil, user: String? = nil) {
        self.refusal = refusal
        self.error = error
        self.cause = cause
        self.user = user
    }

    var response: Response { error.response(cause: cause) }

    /// What the token's policy refused; nil if it was something else.
    var policyRefusal: PolicyRefusal? { refusal.flatMap { PolicyRefusal(rawValue: $0.rawValue) } }

    /// The same, of a token whose policy names `user`.
    func of(_ user: String?) -> Refused {
        Refused(refusal, error, cause: cause, user: user)
    }
}
