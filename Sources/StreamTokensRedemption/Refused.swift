package import FunctionCore
package import StreamTokens

/// Thrown for a request that opens no stream, and for a stream, opened at once, whose workflow does not begin. A class,
/// because it is large and rare: as a struct it would take up room in the frame of each function that throws it.
package final class Refused: Error {
    /// Nil if the request is not for a stream: another path or method.
    package let refusal: StreamRefusal?
    package let error: HTTPError
    /// For the operator.
    package let cause: String?
    /// The end user whom the token's policy names, for the audit.
    package let user: String?

    package init(_ refusal: StreamRefusal?, _ error: HTTPError, cause: String? = nil, user: String? = nil) {
        self.refusal = refusal
        self.error = error
        self.cause = cause
        self.user = user
    }

    package var response: Response { error.response(cause: cause) }

    /// What the token's policy refused; nil if it was something else.
    package var policyRefusal: PolicyRefusal? { refusal.flatMap { PolicyRefusal(rawValue: $0.rawValue) } }

    /// The same, of a token whose policy names `user`.
    package func of(_ user: String?) -> Refused {
        Refused(refusal, error, cause: cause, user: user)
    }
}

extension Refused {
    package convenience init(_ refusal: ReserveRefusal) {
        switch refusal {
        case .invalid(let reason): self.init(.invalidToken, .invalidToken, cause: "\(reason.rawValue) token")
        case .inUse: self.init(.tokenInUse, .tokenInUse)
        case .noCredits: self.init(.noCredits, .noCredits)
        case .tooManyStreams: self.init(.tooManyStreams, .tooManyStreams)
        }
    }

    /// The store failed before or at the reservation.
    package convenience init(_ error: StoreError) {
        self.init(.storeUnavailable, .storeUnavailable, cause: error.description)
    }

    /// The store failed at the commit: whether the token is used is unknown, and it is released later.
    package convenience init(unanswered error: StoreError) {
        self.init(.commitUnanswered, .storeUnavailable, cause: error.description)
    }

    /// The page's origin is not one that its token's policy names.
    package static var otherOrigin: Refused {
        Refused(.originNotAllowed, .originNotNamed, cause: "an origin that the token's policy does not name")
    }

    /// The attempt no longer held the token at the commit.
    package static var reservationLost: Refused {
        Refused(.reservationLost, .storeUnavailable, cause: "the reservation was lost before the commit")
    }
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
