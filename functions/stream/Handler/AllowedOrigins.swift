import Function

/// Which pages may open streams (Fetch standard, section 3.2: CORS). Credentials in the browser's sense are never
/// allowed: the token is the only one there is.
public enum AllowedOrigins: Hashable, Sendable {
    case any
    /// Origins as browsers write them, such as `https://app.example`.
    case only(Set<String>)

    /// From a list apart by commas, `*` for any; nil if something in it is no origin.
    public init?(_ text: String) {
        let origins = text.split(separator: ",").map { $0.filter { $0 != " " } }
        if origins == ["*"] {
            self = .any
            return
        }
        guard !origins.isEmpty, origins.allSatisfy(Self.isOrigin) else { return nil }
        self = .only(Set(origins))
    }

    /// scheme "://" host [":" port] in lower case (RFC 6454, section 6.2), without a slash at the end.
    private static func isOrigin(_ text: String) -> Bool {
        guard text == text.lowercased(), let scheme = ["http://", "https://"].first(where: text.hasPrefix) else {
            return false
        }
        let authority = text.utf8.dropFirst(scheme.utf8.count)
        return !authority.isEmpty && !authority.contains { "/?#@*".utf8.contains($0) }
    }

    /// Whether the request may go on: it is no page's, or that of one which may.
    func allow(_ request: Request) -> Bool {
        request.headers.values(of: .origin).allSatisfy { includes($0.string) }
    }

    private func includes(_ origin: String) -> Bool {
        switch self {
        case .any: true
        case .only(let origins): origins.contains(origin)
        }
    }

    /// The answer to a preflight. Of an origin that is not allowed it allows nothing, which the browser then tells.
    func preflight(_ request: Request) -> Response {
        var response = Response(.noContent)
        guard allow(request) else { return response }
        response.headers.append("access-control-allow-methods", "GET, POST")
        response.headers.append(
            "access-control-allow-headers",
            "authorization, content-type, accept, cache-control, last-event-id, x-request-id, traceparent"
        )
        // Two hours is what browsers take at most.
        response.headers.append("access-control-max-age", "7200")
        return response
    }

    /// Lets the page read the answer.
    func expose(_ response: inout Response, to request: Request?) {
        switch self {
        case .any: response.headers.append("access-control-allow-origin", "*")
        case .only:
            // The answer depends on who asks, whoever that is.
            response.headers.append("vary", "origin")
            guard let origin = request?.headers[.origin], includes(origin.string) else { return }
            response.headers.append("access-control-allow-origin", origin)
        }
        response.headers.append("access-control-expose-headers", "x-request-id, retry-after")
    }
}
