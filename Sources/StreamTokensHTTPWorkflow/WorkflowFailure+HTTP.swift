import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import StreamTokensWorkflows

extension WorkflowFailure {
    /// The failure that a response's status and headers mean; nil if the run has started.
    init?(_ status: Status, _ headers: Headers) {
        switch status.code {
        case 200...299:
            guard headers.values(of: "content-encoding").flatMap(\.listElements).contains(where: Self.isCoding) else {
                return nil
            }
            self = .unavailable("the workflow encodes its content, although the request asks for identity")
        case 300...399: self = .unavailable("the workflow redirects (\(status)); redirects are not followed")
        case 404: self = .notFound
        case 400, 422: self = .rejected("the workflow responded with \(status)")
        case 429, 503: self = .busy(retryAfter: Self.seconds(headers[.retryAfter]))
        default: self = .unavailable("the workflow responded with \(status)")
        }
    }

    /// The most bytes of a refusal that are read, and the longest wait for them.
    private static let maxRefusal = 4096
    private static let refusalTimeout = Interval.seconds(1)

    /// Adds the variable that a refusal is about, if the workflow names it: in a 422 whose content is a JSON object
    /// with a member `variable`. Returns any other failure as it is.
    func naming(variableIn response: ClientResponse, until deadline: Instant) async -> WorkflowFailure {
        guard case .rejected(let reason, _) = self, response.status == .unprocessableContent else { return self }
        let limit = min(deadline, .now + Self.refusalTimeout)
        guard let text = try? await response.collect(upTo: Self.maxRefusal, until: limit),
            case .object(let members)? = try? JSONReader.read(text),
            case .string(let name)? = members.value(of: "variable"), let variable = VariableName(name)
        else { return self }
        return .rejected(reason, variable: variable)
    }

    /// Whether an element of Content-Encoding (RFC 9110, section 8.4) says that the content is encoded. Some servers
    /// write there that it is not, or a charset; other clients ignore those values too.
    private static func isCoding(_ name: Substring) -> Bool {
        let name = name.lowercased()
        return !["identity", "none", "utf-8", "utf8"].contains { name.hasSameBytes(as: $0) }
    }

    init(_ error: ClientError) {
        switch error {
        case .timedOut: self = .timedOut
        case .cancelled: self = .cancelled
        case .connectFailed, .connectionLost, .malformed: self = .unavailable("\(error)")
        }
    }

    private static let day = 86_400

    /// delay-seconds (RFC 9110, section 10.2.3), capped at a day. A date is ignored, because clocks differ.
    private static func seconds(_ value: Headers.Value?) -> Int? {
        guard let text = value?.string, !text.isEmpty,
            text.utf8.allSatisfy(\.isDigit)
        else { return nil }
        return min(Int(text) ?? day, day)
    }
}
