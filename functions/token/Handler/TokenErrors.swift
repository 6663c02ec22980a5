package import FunctionCore

/// The errors of a mint. Errors that functions share are in Sources/FunctionCore/CommonErrors.swift.
extension HTTPError {
    /// 401: no key was given.
    static let noKey = unauthorized(nil, unauthorizedText, credentialGiven: false)
    /// 401: the key is malformed, unknown or disabled.
    static let invalidKey = unauthorized(nil, unauthorizedText, credentialGiven: true)
    private static let unauthorizedText = "Unauthorized. Please provide a valid secret key."
    static let invalidTTL = HTTPError(
        .badRequest,
        "invalid_ttl",
        "Invalid ttl. Expected a whole number of seconds from 1 to 300."
    )
    /// 403: the key mints only tokens with a policy.
    static let policyRequired = HTTPError(
        .forbidden,
        "policy_required",
        "This key mints only tokens with a policy. Send a policy as JSON by POST."
    )

    /// 400. The reason names the place.
    static func invalidPolicy(_ reason: String) -> HTTPError {
        HTTPError(.badRequest, "invalid_policy", "Invalid policy: \(reason).")
    }

    /// 429: the key is over its limit.
    static let rateLimited = HTTPError(.tooManyRequests, nil, "Rate limit exceeded")
    /// 500: the store failed.
    static let mintFailed = HTTPError(
        .internalServerError,
        "internal_server_error",
        "Failed to create token, please try again or contact support."
    )
    static let wrongMethod = methodNotAllowed("GET, POST", "Use GET, or POST with a policy.")
}

extension TokenFunction {
    /// The response to a request that the runtime refuses.
    package static func errorResponse(_ error: HTTPError, _ request: Request?) -> Response {
        error.response()
    }
}
