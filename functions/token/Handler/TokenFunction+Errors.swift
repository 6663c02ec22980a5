public import Function

extension TokenFunction {
    /// The answer for `code` where no request reached the handler, or none that it knows.
    ///
    /// A code that is not known gets a text that fits its status.
    public static func errorResponse(_ status: Status, _ code: String) -> Response {
        var response = Answer.error(status, text(for: status, code), code: code)
        switch status {
        case .methodNotAllowed: response.headers.append(.allow, "GET")
        case .serviceUnavailable: response.headers.append(.retryAfter, "1")
        default: break
        }
        return response
    }

    /// At the function's path but for slashes at its end, the text tells that.
    static func notFound(at path: String) -> Response {
        guard path.withoutSlashesBehind?.hasSameBytes(as: self.path) == true else {
            return errorResponse(.notFound, "not_found")
        }
        return Answer.error(.notFound, ErrorText.slashBehind(self.path), code: "not_found")
    }

    private static func text(for status: Status, _ code: String) -> String {
        switch code {
        case "method_not_allowed": "Method not allowed. Use GET."
        case "internal_server_error": Answer.failureText
        default: ErrorText.of(code, status)
        }
    }
}
