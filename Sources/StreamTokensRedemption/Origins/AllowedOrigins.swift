import FunctionBytes
package import FunctionCore
import StreamTokens

/// The origins whose pages may open streams (Fetch standard, section 3.2: CORS), never with the browser's credentials.
package enum AllowedOrigins: Hashable, Sendable {
    case any
    /// Origins as browsers write them, such as `https://app.example`, in lower case.
    case only(Set<ExactText>)

    /// Why a list is refused, one line for each wrong entry.
    package struct Problems: Error, Hashable, Sendable {
        package let lines: [String]
    }

    /// Reads a list separated by commas; `*` allows any origin. An entry in another spelling than the browsers' is
    /// corrected if it can mean only one origin. Empty entries are skipped.
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

    /// Whether the request may go on: it has no origin, or only allowed ones.
    package func allow(_ request: Request) -> Bool {
        request.headers.values(of: .origin).allSatisfy { includes($0.string) }
    }

    private func includes(_ origin: String) -> Bool {
        switch self {
        case .any: true
        // Browsers write lower case, except for origins that apps make up.
        case .only(let origins): origins.contains(ExactText(PageOrigin.lowercased(origin)))
        }
    }

    /// Lets the page read the response.
    package func expose(_ response: inout Response, to request: Request?) {
        switch self {
        case .any: response.headers.append("access-control-allow-origin", "*")
        case .only:
            // The response depends on the request's origin, even if that is not allowed.
            response.headers[.vary] = response.headers[.vary].map { Headers.Value(valid: "origin, \($0)") } ?? "origin"
            guard let origin = request?.headers[.origin], includes(origin.string) else { return }
            response.headers.append("access-control-allow-origin", origin)
        }
        response.headers.append("access-control-expose-headers", "x-request-id, retry-after")
    }
}

extension AllowedOrigins {
    /// The response to a preflight (Fetch standard, section 3.2.3). It grants nothing to an origin that is not allowed.
    /// With `canStop`, pages may also send DELETE.
    package func preflight(_ request: Request, canStop: Bool = false) -> Response {
        var response = Response(.noContent)
        guard allow(request) else { return response }
        response.headers.append("access-control-allow-methods", canStop ? "GET, POST, DELETE" : "GET, POST")
        response.headers.append("access-control-allow-headers", Self.fields(askedForBy: request) ?? Self.usualFields)
        // Two hours, the most that browsers accept.
        response.headers.append("access-control-max-age", "7200")
        response.headers.append(.vary, "access-control-request-headers")
        return response
    }

    /// The fields granted if the preflight names none, or something that is not a list of names.
    private static let usualFields: Headers.Value =
        """
        authorization, content-type, accept, cache-control, last-event-id, x-request-id, traceparent, tracestate, baggage
        """

    /// In bytes, of all names together.
    private static let maxFieldLength = 4096

    /// The names that the preflight asks for, in lower case. All are granted, because a page's libraries add fields,
    /// mostly for tracing, and none does harm here. Nil if it asks for none, or the list is malformed or too long.
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
    /// Whether this is a browser's preflight: it asks whether it may send the real request (Fetch standard, section
    /// 3.2.2).
    package var isPreflight: Bool {
        method == .options && headers[.origin] != nil && headers["access-control-request-method"] != nil
    }
}
