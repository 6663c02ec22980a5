import FunctionCore

/// The errors of admissions. Errors that functions share are in Sources/FunctionCore/CommonErrors.swift and
/// Sources/StreamTokensRedemption/RedemptionErrors.swift.
extension HTTPError {
    /// 405: the original request's method opens no stream.
    static let opensNothing = methodNotAllowed("GET, POST", "HEAD and OPTIONS open no stream.")
    static let prefetch = HTTPError(.forbidden, "prefetch", "A prefetch opens no stream.")
}

extension Response {
    /// Makes a refusal 401 or 403, with the code of `error` in a header field.
    mutating func restrict(to error: HTTPError) {
        if ![.unauthorized, .forbidden].contains(status) { status = .forbidden }
        if let code = error.code { headers[errorCodeField] = Headers.Value(valid: code) }
    }
}

private let errorCodeField: Headers.Name = "x-error-code"
