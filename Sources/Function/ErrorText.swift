/// What the errors mean, for people, that a server answers by itself: codes as in ``ErrorResponse``.
package enum ErrorText {
    private static let notFound = "Not found."

    /// For a path that would be known without the slash at its end.
    package static func slashBehind(_ path: String) -> String {
        "\(notFound) The path is \(path), without a slash at its end."
    }

    /// A code that is not known gets a text that fits its status.
    package static func of(_ code: String, _ status: Status) -> String {
        switch code {
        case "bad_request": "The request is malformed."
        case "not_found": notFound
        case "method_not_allowed": "Method not allowed."
        case "request_timeout": "The request took too long to arrive."
        case "body_too_large": "The request's body is too large."
        case "uri_too_long": "The request's target is too long."
        case "headers_too_large": "The request's header fields are too large."
        case "not_implemented": "The request needs something that is not implemented here."
        case "response_too_large": "The response is too large for this platform."
        case "response_incomplete": "The response was broken off."
        case "deadline_exceeded": "The response took too long."
        case "overloaded": "Too many requests at once. Please try again in a moment."
        case "unavailable": "The service is not available. Please try again in a moment."
        case "http_version_not_supported": "This version of HTTP is not supported."
        default: status.code < 500 ? "The request was refused." : "The request could not be served."
        }
    }
}

extension String {
    /// A path without the slashes at its end; nil where it has none, or nothing else.
    package var withoutSlashesBehind: String? {
        var rest = utf8[...]
        while rest.last == UInt8(ascii: "/") { rest.removeLast() }
        return rest.isEmpty || rest.count == utf8.count ? nil : String(Substring(rest))
    }
}
