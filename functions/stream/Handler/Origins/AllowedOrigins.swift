public import Function
import FunctionBytes

/// Which pages may open streams (Fetch standard, section 3.2: CORS). Credentials in the browser's sense are never
/// allowed: the token is the only one there is.
public enum AllowedOrigins: Hashable, Sendable {
    case any
    /// Origins as browsers write them, such as `https://app.example`, in lower case.
    case only(Set<ExactText>)

    /// Why a list cannot be used; a line an entry.
    public struct Problems: Error, Hashable, Sendable {
        public let lines: [String]
    }

    /// From a list apart by commas, `*` for any. What is written otherwise than by a browser is put right, as long as it
    /// can mean one origin only; an empty entry means nothing.
    public init(_ text: String) throws(Problems) {
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
