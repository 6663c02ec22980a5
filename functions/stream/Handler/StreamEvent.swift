import FunctionCore
package import StreamTokens
import StreamTokensWorkflows

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

    /// The request that an event goes back to.
    package struct Origin: Sendable {
        package let requestID: String
        /// Of its trace, the caller's or its own.
        package let traceID: String
        /// The workflow that was asked for; nil where the path names none.
        package let workflow: String?
        /// The client's address, where it is known.
        package let client: String?

        init(_ request: Request, traceID: String) {
            requestID = request.id
            self.traceID = traceID
            let name = StreamPath.workflowName(in: request.path)
            // What is no workflow's name may be anything, of any length.
            workflow = name.flatMap { WorkflowCall.isName($0) ? String($0) : nil }
            client = request.clientAddress
        }
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

/// Why a token was not spent and no stream opened.
package enum StreamRefusal: String, CaseIterable, Sendable {
    case originNotAllowed = "origin_not_allowed"
    case noToken = "no_token"
    /// What was given cannot be a token, or is more than one.
    case unusableToken = "unusable_token"
    /// Expired, used, revoked or unknown.
    case invalidToken = "invalid_token"
    case invalidBody = "invalid_body"
    case bodyTooLarge = "body_too_large"
    case tokenInUse = "token_in_use"
    case noCredits = "no_credits"
    case tooManyStreams = "too_many_streams"
    /// The store did not answer the reservation.
    case storeUnavailable = "store_unavailable"
    case workflowNotFound = "workflow_not_found"
    case workflowRejected = "workflow_rejected"
    case workflowBusy = "workflow_busy"
    case workflowUnavailable = "workflow_unavailable"
    /// Its first event is larger than is taken.
    case workflowEventTooLarge = "workflow_event_too_large"
    case workflowTimeout = "workflow_timeout"
    case clientGone = "client_closed_request"
    /// The attempt did not hold the token any more when it was to be committed.
    case reservationLost = "reservation_lost"
    /// The store did not answer the commit: whether it was executed nobody knows, and it is undone later.
    case commitUnanswered = "commit_unanswered"
}

/// Thrown where a request comes to no stream, with what it is answered. A class, for it is large and rare: functions that
/// throw it would else make room for it in every frame.
final class Refused: Error {
    /// Nil where no stream was asked for, at another path or by another method.
    let refusal: StreamRefusal?
    let response: Response

    init(_ refusal: StreamRefusal?, _ error: HTTPError, cause: String? = nil) {
        self.refusal = refusal
        response = error.response(cause: cause)
    }
}
