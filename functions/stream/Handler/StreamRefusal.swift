import FunctionCore

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

/// Thrown where a request comes to no stream, with what it is answered.
///
/// A class, for it is large and rare: functions that throw it would else make room for it in every frame.
final class Refused: Error {
    /// Nil where no stream was asked for, at another path or by another method.
    let refusal: StreamRefusal?
    let response: Response

    init(_ refusal: StreamRefusal?, _ error: HTTPError, cause: String? = nil) {
        self.refusal = refusal
        response = error.response(cause: cause)
    }
}
