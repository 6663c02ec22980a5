/// Errors that the runtime itself responds with, for every function.
extension HTTPError {
    public static let badRequest = Self(.badRequest, "bad_request", "The request is malformed.")
    public static let notFound = Self(.notFound, "not_found", "Not found.")
    public static let requestTimeout = Self(.requestTimeout, "request_timeout", "The request took too long to arrive.")
    public static let bodyTooLarge = Self(.contentTooLarge, "body_too_large", "The request's body is too large.")
    public static let uriTooLong = Self(.uriTooLong, "uri_too_long", "The request's target is too long.")
    public static let expectationFailed = Self(.expectationFailed, "expectation_failed", "The request was refused.")
    public static let headersTooLarge = Self(
        .requestHeaderFieldsTooLarge,
        "headers_too_large",
        "The request's header fields are too large."
    )
    public static let notImplemented = Self(
        .notImplemented,
        "not_implemented",
        "The request needs something that is not implemented here."
    )
    public static let responseTooLarge = Self(
        .badGateway,
        "response_too_large",
        "The response is too large for this platform."
    )
    public static let responseIncomplete = Self(.badGateway, "response_incomplete", "The response was broken off.")
    public static let overloaded = Self(
        .serviceUnavailable,
        "overloaded",
        "Too many requests at once. Please try again in a moment.",
        [.retryAfter: "1"]
    )
    public static let deadlineExceeded = Self(.gatewayTimeout, "deadline_exceeded", "The response took too long.")
    public static let httpVersionNotSupported = Self(
        .httpVersionNotSupported,
        "http_version_not_supported",
        "This version of HTTP is not supported."
    )

    /// 405. `methods` are those that the path supports (RFC 9110, section 15.5.6); `hint` may suggest one.
    public static func methodNotAllowed(_ methods: Headers.Value, _ hint: String = "") -> HTTPError {
        Self(
            .methodNotAllowed,
            "method_not_allowed",
            "Method not allowed.\(hint.isEmpty ? "" : " " + hint)",
            [.allow: methods]
        )
    }
}

/// Errors that functions share.
extension HTTPError {
    /// 401. A client that sent no credential learns only the scheme to use (RFC 6750, section 3.1).
    package static func unauthorized(_ code: String?, _ text: String, credentialGiven: Bool) -> HTTPError {
        let challenge: Headers.Value = credentialGiven ? #"Bearer error="invalid_token""# : "Bearer"
        return HTTPError(.unauthorized, code, text, [.wwwAuthenticate: challenge])
    }

    package static let noCredits = Self(
        .paymentRequired,
        "invalid_billing",
        "No credits remaining. Please add credits to continue using the service."
    )

    /// 404 for the function's path with slashes at its end; the text says so.
    package static func slashBehind(_ path: String) -> HTTPError {
        Self(.notFound, "not_found", "Not found. The path is \(path), without a slash at its end.")
    }
}

extension String {
    /// The path without the slashes at its end; nil if it has none, or consists of slashes.
    package var withoutSlashesBehind: String? {
        var rest = utf8[...]
        while rest.last == UInt8(ascii: "/") { rest.removeLast() }
        return rest.isEmpty || rest.count == utf8.count ? nil : String(Substring(rest))
    }
}
