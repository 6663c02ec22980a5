import Function
import Workflows

/// The answers of the function, byte for byte, but for its streams.
enum Answer {
    static func notFound() -> Response {
        error(.notFound, "not_found")
    }

    static func methodNotAllowed() -> Response {
        error(.methodNotAllowed, "method_not_allowed")
    }

    static func unauthorized(tokenGiven: Bool, cause: String) -> Response {
        var response = error(.unauthorized, "invalid_token", cause: cause)
        // A client that gave nothing learns only what to give (RFC 6750, section 3.1).
        response.headers.append(.wwwAuthenticate, tokenGiven ? #"Bearer error="invalid_token""# : "Bearer")
        return response
    }

    static func originNotAllowed() -> Response {
        error(.forbidden, "origin_not_allowed")
    }

    static func invalidBody(_ reason: Variables.Unreadable) -> Response {
        switch reason {
        case .malformed(let cause): error(.badRequest, "invalid_body", cause: cause)
        case .tooLarge: error(.contentTooLarge, "body_too_large")
        }
    }

    static func storeUnavailable(cause: String) -> Response {
        error(.serviceUnavailable, "store_unavailable", cause: cause)
    }

    static func failed(_ failure: WorkflowFailure) -> Response {
        switch failure {
        case .notFound: error(.notFound, "workflow_not_found")
        case .rejected(let cause): error(.unprocessableContent, "workflow_rejected", cause: cause)
        case .busy(let seconds): error(.serviceUnavailable, "workflow_busy", retryAfter: seconds ?? 1)
        case .unavailable(let cause): error(.badGateway, "workflow_unavailable", cause: cause)
        case .timedOut: error(.gatewayTimeout, "workflow_timeout")
        // Nobody is left to read it; the log has what other servers' logs have in such a case.
        case .cancelled: error(Status(499), "client_closed_request")
        }
    }

    /// An answer whose text belongs to its code.
    static func error(
        _ status: Status,
        _ code: String,
        retryAfter: Int? = nil,
        cause: String? = nil
    ) -> Response {
        var json = JSONWriter()
        json.object {
            $0.member("error", StreamError.text(code, status))
            $0.member("success", false)
            $0.member("code", code)
        }
        var response = Response(
            status,
            headers: fields("application/json"),
            body: .bytes(json.finish()),
            cause: cause
        )
        switch status {
        case .methodNotAllowed: response.headers.append(.allow, "GET, POST, OPTIONS")
        case .serviceUnavailable, .conflict, .tooManyRequests:
            response.headers.append(.retryAfter, Headers.Value(retryAfter ?? 1))
        default: break
        }
        return response
    }

    /// What every answer has, streams too.
    static func fields(_ contentType: Headers.Value) -> Headers {
        [
            .contentType: contentType,
            .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
            .referrerPolicy: "no-referrer",
        ]
    }
}
