import Function
import Tokens
import Workflows

/// The answers of the function, byte for byte, but for its streams.
enum Answer {
    static func unauthorized(_ refusal: StreamRefusal, cause: String) -> Refused {
        var response = error(.unauthorized, "invalid_token", cause: cause)
        // A client that gave nothing learns only what to give (RFC 6750, section 3.1).
        response.headers.append(
            .wwwAuthenticate,
            refusal == .noToken ? "Bearer" : #"Bearer error="invalid_token""#
        )
        return Refused(refusal, response)
    }

    static func refused(_ refusal: ReserveRefusal) -> Refused {
        switch refusal {
        case .invalid: unauthorized(.invalidToken, cause: "expired, used, revoked or unknown token")
        case .inUse: refused(.tokenInUse, .conflict)
        case .noCredits: Refused(.noCredits, error(.paymentRequired, "invalid_billing"))
        case .tooManyStreams: refused(.tooManyStreams, .tooManyRequests)
        }
    }

    static func invalidBody(_ reason: Variables.Unreadable) -> Refused {
        switch reason {
        case .malformed(let fault):
            Refused(.invalidBody, error(.badRequest, "invalid_body", text: fault.text, cause: fault.cause))
        case .tooLarge: Refused(.bodyTooLarge, error(.contentTooLarge, "body_too_large"))
        }
    }

    static func storeUnavailable(_ refusal: StreamRefusal, cause: String) -> Refused {
        Refused(refusal, error(.serviceUnavailable, "store_unavailable", cause: cause))
    }

    static func failed(_ failure: WorkflowFailure) -> Refused {
        switch failure {
        case .notFound: refused(.workflowNotFound, .notFound)
        case .rejected(let cause): refused(.workflowRejected, .unprocessableContent, cause: cause)
        case .busy(let seconds): refused(.workflowBusy, .serviceUnavailable, retryAfter: seconds ?? 1)
        case .unavailable(let cause): refused(.workflowUnavailable, .badGateway, cause: cause)
        case .eventTooLarge(let limit):
            refused(.workflowEventTooLarge, .badGateway, cause: StreamEnding.tooLarge(limit))
        case .timedOut: refused(.workflowTimeout, .gatewayTimeout)
        // Nobody is left to read it; the log has what other servers' logs have in such a case.
        case .cancelled: refused(.clientGone, Status(499))
        }
    }

    /// A refusal whose answer has the same word for its code.
    static func refused(
        _ refusal: StreamRefusal,
        _ status: Status,
        retryAfter: Int? = nil,
        cause: String? = nil
    ) -> Refused {
        Refused(refusal, error(status, refusal.rawValue, retryAfter: retryAfter, cause: cause))
    }

    /// At a path that is the function's but for slashes at its end, the text tells that.
    static func notFound(at path: String) -> Response {
        let code = "not_found"
        guard StreamPath.hasSlashBehind(path) else { return error(.notFound, code) }
        return error(.notFound, code, text: ErrorText.slashBehind(StreamPath.template))
    }

    /// What the path takes, to whoever asks by OPTIONS without a page's preflight (RFC 9110, section 9.3.7).
    static func options() -> Response {
        Response(.noContent, headers: [.allow: methods])
    }

    private static let methods: Headers.Value = "GET, POST, OPTIONS"

    /// An answer whose text belongs to its code, unless one is given.
    static func error(
        _ status: Status,
        _ code: String,
        text: String? = nil,
        retryAfter: Int? = nil,
        cause: String? = nil
    ) -> Response {
        var json = JSONWriter()
        json.object {
            $0.member("error", text ?? StreamError.text(code, status))
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
        case .methodNotAllowed: response.headers.append(.allow, methods)
        case .serviceUnavailable, .conflict, .tooManyRequests:
            response.headers.append(.retryAfter, Headers.Value(retryAfter ?? 1))
        default: break
        }
        return response
    }

    /// What every stream has.
    static func streamFields(_ format: StreamFormat) -> Headers {
        var headers = fields(format.contentType)
        // A proxy that compressed it would hold it back until its buffer is full (RFC 9111, section 5.2.2.6).
        headers[.cacheControl] = "no-store, no-transform"
        // Proxies such as nginx would else collect what is to be seen as it comes.
        headers.append("x-accel-buffering", "no")
        return headers
    }

    private static func fields(_ contentType: Headers.Value) -> Headers {
        [
            .contentType: contentType,
            .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
            .referrerPolicy: "no-referrer",
        ]
    }
}
