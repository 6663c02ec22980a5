import FunctionBytes
package import FunctionCore

/// Which pages may open streams (Fetch standard, section 3.2: CORS); never with the browser's own credentials.
package enum AllowedOrigins: Hashable, Sendable {
    case any
    /// Origins as browsers write them, such as `https://app.example`, in lower case.
    case only(Set<ExactText>)

    /// Why a list cannot be used; a line an entry.
    package struct Problems: Error, Hashable, Sendable {
        package let lines: [String]
    }

    /// From a list apart by commas, `*` for any. What is written otherwise than by a browser is put right, as long as it
    /// can mean one origin only; an empty entry means nothing.
    package init(_ text: String) throws(Problems) {
        let entries = text.utf8.split(separator: UInt8(ascii: ","))
            .map { String(Substring($0.withoutBlanksAndLineEndsAround)) }
            .filter { !$0.isEmpty }
        if entries.count == 1, entries[0].hasSameBytes(as: "*") {
            self = .any
            return
        }
        guard !entries.isEmpty else { throw Problems(lines: ["names no origin; write \(PageOriginError.example)"]) }
        var origins: Set<ExactText> = []
        var lines: [String] = []
        for entry in entries {
            do throws(PageOriginError) {
                origins.insert(ExactText(try PageOrigin(entry).text))
            } catch {
                lines.append(error.description(of: entry))
            }
        }
        guard lines.isEmpty else { throw Problems(lines: lines) }
        self = .only(origins)
    }

    /// Whether the request may go on: it is no page's, or that of one which may.
    func allow(_ request: Request) -> Bool {
        request.headers.values(of: .origin).allSatisfy { includes($0.string) }
    }

    private func includes(_ origin: String) -> Bool {
        switch self {
        case .any: true
        // Browsers write lower case, but for what apps make up themselves.
        case .only(let origins): origins.contains(ExactText(PageOrigin.lowercased(origin)))
        }
    }

    /// Lets the page read the answer.
    func expose(_ response: inout Response, to request: Request?) {
        switch self {
        case .any: response.headers.append("access-control-allow-origin", "*")
        case .only:
            // The answer depends on who asks, whoever that is.
            response.headers[.vary] = response.headers[.vary].map { Headers.Value(valid: "origin, \($0)") } ?? "origin"
            guard let origin = request?.headers[.origin], includes(origin.string) else { return }
            response.headers.append("access-control-allow-origin", origin)
        }
        response.headers.append("access-control-expose-headers", "x-request-id, retry-after")
    }
}

extension AllowedOrigins {
    /// The answer to a preflight (Fetch standard, section 3.2.3), which allows nothing to an origin that is not allowed.
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
