package import FunctionCore
import StreamTokens
import StreamTokensWorkflows

/// The errors of streams; those it shares with other functions are in Sources/FunctionCore/CommonErrors.swift.
extension HTTPError {
    /// 401: no token was given.
    static let noToken = unauthorized("invalid_token", mintAnother, credentialGiven: false)
    /// 401: what was given is no token, or one that is expired, used, revoked or unknown.
    static let invalidToken = unauthorized("invalid_token", mintAnother, credentialGiven: true)
    /// A page reads it: to ask for a key would invite to put one there. Which of them it is, is nobody's business outside.
    private static let mintAnother = "This stream token is expired, already used or unknown. Mint another one."
    static let originNotAllowed = HTTPError(
        .forbidden,
        "origin_not_allowed",
        "Pages of this origin may not open streams here."
    )
    static let tokenInUse = HTTPError(
        .conflict,
        "token_in_use",
        "The token is being used by another request. Please try again in a moment.",
        [.retryAfter: "1"]
    )
    static let tooManyStreams = HTTPError(
        .tooManyRequests,
        "too_many_streams",
        "Too many streams are open. Please try again when one has ended.",
        [.retryAfter: "1"]
    )
    static let storeUnavailable = HTTPError(
        .serviceUnavailable,
        "store_unavailable",
        "The stream could not be opened. Please try again in a moment.",
        [.retryAfter: "1"]
    )
    static let workflowNotFound = HTTPError(.notFound, "workflow_not_found", "There is no such workflow.")
    static let workflowRejected = HTTPError(
        .unprocessableContent,
        "workflow_rejected",
        "The workflow does not accept these variables."
    )

    /// 422: the workflow said which variable it is about.
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
    /// Nobody is left to read it; the log has what other servers' logs have in such a case.
    static let clientGone = HTTPError(Status(499), "client_closed_request", "The request was refused.")
    static let notAcceptable = HTTPError(
        .notAcceptable,
        "not_acceptable",
        "Not acceptable. A stream is text/plain or text/event-stream."
    )
    static let wrongMethod = methodNotAllowed(StreamPath.methods, "Use POST, or GET with Accept: text/event-stream.")

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
    /// What it means, for the client of a stream that had begun.
    var text: String {
        switch self {
        case .interrupted: "The stream was interrupted."
        case .tooLong: "The stream has reached its longest duration."
        case .revoked: "The stream was revoked."
        case .workflowUnavailable: HTTPError.workflowUnavailable.text
        case .workflowEventTooLarge: HTTPError.workflowEventTooLarge.text
        case .workflowTimeout: HTTPError.workflowTimeout.text
        }
    }
}

extension Refused {
    convenience init(_ refusal: ReserveRefusal) {
        switch refusal {
        case .invalid(let reason): self.init(.invalidToken, .invalidToken, cause: "\(reason.rawValue) token")
        case .inUse: self.init(.tokenInUse, .tokenInUse)
        case .noCredits: self.init(.noCredits, .noCredits)
        case .tooManyStreams: self.init(.tooManyStreams, .tooManyStreams)
        }
    }

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

extension StreamFunction {
    /// How the function presents what the runtime refuses.
    package func errorResponse(_ error: HTTPError, _ request: Request?) -> Response {
        var response = (error.status == .methodNotAllowed ? .wrongMethod : error).response()
        options.allowedOrigins.expose(&response, to: request)
        return response
    }
}
