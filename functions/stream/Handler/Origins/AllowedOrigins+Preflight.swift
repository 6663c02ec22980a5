import Function
import FunctionBytes

extension AllowedOrigins {
    /// The answer to a preflight (Fetch standard, section 3.2.3). Of an origin that is not allowed it allows nothing,
    /// which the browser then tells.
    func preflight(_ request: Request) -> Response {
        var response = Response(.noContent)
        guard allow(request) else { return response }
        response.headers.append("access-control-allow-methods", "GET, POST")
        response.headers.append("access-control-allow-headers", Self.fields(askedForBy: request) ?? Self.usualFields)
        // Two hours is what browsers take at most.
        response.headers.append("access-control-max-age", "7200")
        response.headers.append(.vary, "access-control-request-headers")
        return response
    }

    /// What a page may send if it does not ask, or for what cannot be allowed.
    private static let usualFields: Headers.Value =
        """
        authorization, content-type, accept, cache-control, last-event-id, x-request-id, traceparent, tracestate, baggage
        """

    /// In bytes, of all names together.
    private static let maxFieldLength = 4096

    /// The names that the preflight asks for, in lower case: the page's libraries add some of their own, most of all for
    /// tracing, and nobody here minds. Nil if it asks for none, or for what is no list of names.
    private static func fields(askedForBy request: Request) -> Headers.Value? {
        var names: [String] = []
        var count = 0
        for value in request.headers.values(of: "access-control-request-headers") {
            for element in value.string.utf8.split(separator: UInt8(ascii: ",")) {
                let text = String(Substring(element.withoutBlanksAround))
                if text.isEmpty { continue }
                count += text.utf8.count + 2
                guard count <= maxFieldLength, let name = Headers.Name(text) else { return nil }
                names.append(name.string)
            }
        }
        return names.isEmpty ? nil : Headers.Value(valid: names.joined(separator: ", "))
    }
}

extension Request {
    /// Whether a browser asks if it may send the real request (Fetch standard, section 3.2.2).
    var isPreflight: Bool {
        method == .options && headers[.origin] != nil && headers["access-control-request-method"] != nil
    }
}
