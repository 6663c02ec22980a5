package import FunctionCore
import StreamTokens
import StreamTokensRedemption
import StreamTokensWorkflows

/// The errors of streams. Errors that functions share are in Sources/FunctionCore/CommonErrors.swift and
/// Sources/StreamTokensRedemption/RedemptionErrors.swift.
extension HTTPError {
    /// 403. Only the name is told: whether the value was the locked one must not be found out by trying.
    static func variableLocked(_ name: String) -> HTTPError {
        HTTPError(
            .forbidden,
            "variable_locked",
            "The variable \"\(name.shortened())\" is set by the stream token. Leave it out."
        )
    }

    static func variableNotAllowed(_ name: String) -> HTTPError {
        HTTPError(
            .forbidden,
            "variable_not_allowed",
            "This stream token does not allow the variable \"\(name.shortened())\"."
        )
    }

    static let workflowNotFound = HTTPError(.notFound, "workflow_not_found", "There is no such workflow.")
    static let workflowRejected = HTTPError(
        .unprocessableContent,
        "workflow_rejected",
        "The workflow does not accept these variables."
    )

    /// 422, if the workflow named the variable.
    static func workflowRejected(_ variable: VariableName) -> HTTPError {
        let text = "The workflow does not accept the variable \"\(variable)\"."
        return HTTPError(workflowRejected.status, workflowRejected.code, text)
    }

    static let workflowUnavailable = HTTPError(.badGateway, "workflow_unavailable", "The workflow is not available.")
    static let workflowEventTooLarge = HTTPError(
        .badGateway,
        "workflow_event_too_large",
        "An event of the workflow is too large."
    )
    static let workflowTimeout = HTTPError(.gatewayTimeout, "workflow_timeout", "The workflow did not answer in time.")
    /// 401: the token was revoked while its stream, opened at once, waited for the workflow's first output.
    static let revoked = HTTPError(.unauthorized, EarlyEnd.revoked.rawValue, EarlyEnd.revoked.text)
    /// 503: a stream that was opened at once ended before its workflow began, because the process ends.
    static let interrupted = HTTPError(
        .serviceUnavailable,
        EarlyEnd.interrupted.rawValue,
        EarlyEnd.interrupted.text
    )
    /// Only for the log and an event: the client has stopped its stream, opened at once, before its workflow began.
    static let stopped = HTTPError(Status(499), EarlyEnd.stopped.rawValue, EarlyEnd.stopped.text)
    static let notAcceptable = HTTPError(
        .notAcceptable,
        "not_acceptable",
        "Not acceptable. A stream is text/plain or text/event-stream."
    )

    static func wrongMethod(_ methods: Headers.Value) -> HTTPError {
        methodNotAllowed(methods, "Use POST, or GET with Accept: text/event-stream.")
    }

    static func invalidVariables(_ text: String) -> HTTPError {
        HTTPError(.badRequest, "invalid_body", "Invalid variables. \(text)")
    }

    static func workflowBusy(retryAfter seconds: Int) -> HTTPError {
        HTTPError(
            .serviceUnavailable,
            "workflow_busy",
            "The workflow has too much to do. Please try again in a moment.",
            [.retryAfter: Headers.Value(seconds)]
        )
    }
}

extension EarlyEnd {
    /// The text of the event `error`, for the client.
    var text: String {
        switch self {
        case .interrupted: "The stream was interrupted."
        case .tooLong: "The stream has reached its longest duration."
        case .revoked: "The stream was revoked."
        case .workflowUnavailable: HTTPError.workflowUnavailable.text
        case .workflowEventTooLarge: HTTPError.workflowEventTooLarge.text
        case .workflowTimeout: HTTPError.workflowTimeout.text
        case .stopped: "The stream was stopped."
        case .lost: "The stream was lost."
        }
    }
}

extension Refused {
    convenience init(_ failure: WorkflowFailure) {
        switch failure {
        case .notFound: self.init(.workflowNotFound, .workflowNotFound)
        case .rejected(let cause, let variable):
            let error = variable.map { HTTPError.workflowRejected($0) } ?? .workflowRejected
            self.init(.workflowRejected, error, cause: cause)
        case .busy(let seconds): self.init(.workflowBusy, .workflowBusy(retryAfter: seconds ?? 1))
        case .unavailable(let cause): self.init(.workflowUnavailable, .workflowUnavailable, cause: cause)
        case .eventTooLarge(let limit):
            self.init(.workflowEventTooLarge, .workflowEventTooLarge, cause: StreamEnding.tooLarge(limit))
        case .timedOut: self.init(.workflowTimeout, .workflowTimeout)
        case .cancelled: self.init(.clientGone, .clientGone)
        }
    }
}

extension Refused {
    /// For a stream that was opened at once and is stopped while its token is only reserved.
    static var stopped: Refused { Refused(.clientGone, .stopped) }

    /// For one that is lost then.
    convenience init(_ loss: LostStream.Reason) {
        switch loss {
        case .revoked, .forgotten: self.init(.invalidToken, .revoked, cause: loss.cause)
        case .lapsed: self.init(.reservationLost, .storeUnavailable, cause: loss.cause)
        }
    }

    /// The error in the event of a stream that was opened at once: its response has begun, so no status can say it.
    var told: HTTPError { error.code == HTTPError.clientGone.code ? .interrupted : error }
}

extension LostStream.Reason {
    /// For the log and the audit.
    var cause: String {
        switch self {
        case .revoked: "the token, its key's or its organization's tokens were revoked"
        case .forgotten:
            "the store no longer knows the key or its epoch: its organization was deleted, or data was lost"
        case .lapsed: "the reservation has lapsed: the store was not reached for 15 s, or has lost data"
        }
    }
}

extension StreamFunction {
    /// The response to a request that the runtime refuses.
    package func errorResponse(_ error: HTTPError, _ request: Request?) -> Response {
        var response = error.response()
        options.allowedOrigins.expose(&response, to: request)
        return response
    }
}
