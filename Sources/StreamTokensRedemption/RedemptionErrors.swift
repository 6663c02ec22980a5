package import FunctionCore

/// The errors of every function that redeems tokens. Errors that all functions share are in
/// Sources/FunctionCore/CommonErrors.swift.
extension HTTPError {
    /// 401: no token was given.
    package static let noToken = unauthorized(
        "invalid_token",
        "No stream token was given. Send it as ?token= or as Authorization: Bearer.",
        credentialGiven: false
    )
    /// 401: the token is malformed, expired, used, revoked or unknown.
    package static let invalidToken = unauthorized("invalid_token", mintAnother, credentialGiven: true)
    /// It does not ask for a key, because a page reads it and a key must never be in a page. It does not say which of
    /// the reasons it is, because the token may not be the caller's.
    private static let mintAnother = "This stream token is expired, already used or unknown. Mint another one."
    package static let originNotAllowed = HTTPError(
        .forbidden,
        "origin_not_allowed",
        "Pages of this origin may not open streams here."
    )
    /// 403: `originNotAllowed` by the token's policy.
    package static let originNotNamed = HTTPError(
        originNotAllowed.status,
        originNotAllowed.code,
        "This stream token is for pages of another origin."
    )
    package static let workflowNotAllowed = HTTPError(
        .forbidden,
        "workflow_not_allowed",
        "This stream token is for another workflow."
    )
    package static let tokenInUse = HTTPError(
        .conflict,
        "token_in_use",
        "The token is being used by another request. Please try again in a moment.",
        [.retryAfter: "1"]
    )
    package static let tooManyStreams = HTTPError(
        .tooManyRequests,
        "too_many_streams",
        "Too many streams are open. Please try again when one has ended.",
        [.retryAfter: "1"]
    )
    package static let storeUnavailable = HTTPError(
        .serviceUnavailable,
        "store_unavailable",
        "The stream could not be opened. Please try again in a moment.",
        [.retryAfter: "1"]
    )
    /// Only for the log, since the client is gone: 499 is the status that other servers log then.
    package static let clientGone = HTTPError(Status(499), "client_closed_request", "The request was refused.")
}
