package import FunctionCore
import FunctionHTTP
import LocalRuntimeConsole
import StreamTokensTokenFunction

/// A request that went through the functions, and what is known of its response so far.
///
/// Keeps the heads of both messages and the beginnings of their bodies, but no connection.
package struct RecordedExchange: Sendable {
    package enum State: String, Sendable {
        /// The function has not returned yet.
        case waiting
        /// The response's body is being written.
        case streaming
        /// The response was written to its end.
        case complete
        /// The response's body broke off: the function failed, or the client went away.
        case broken
    }

    /// Counts from 1, in the order of the requests.
    package let number: Int
    /// The log's revision at the last change.
    package var revision: Int
    /// Milliseconds since 1970.
    package let start: Int
    package var end: Int?
    package var state = State.waiting

    package let method: Method
    package let path: String
    package let query: String?
    package let headers: Headers
    package var body = RecordedBody()
    package var response: RecordedResponse?
}

/// What is known of a response so far.
package struct RecordedResponse: Sendable {
    package let status: Status
    package let headers: Headers
    /// The reason for an error, which clients do not get.
    package let cause: String?
    /// The body's length in bytes, if it was known beforehand.
    let length: Int?
    package var body = RecordedBody()
}

/// The beginning of a body, and its whole size so far.
package struct RecordedBody: Sendable {
    /// How many bytes are kept.
    package static let limit = 4096

    package private(set) var bytes: [UInt8] = []
    /// In bytes, with those that were not kept.
    package private(set) var size = 0

    package mutating func append(_ chunk: [UInt8]) {
        size += chunk.count
        bytes += chunk.prefix(Self.limit - bytes.count)
    }
}

extension RecordedExchange {
    /// Writes it as the page shows it: lines and fields as on the wire, with secrets masked.
    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("number", number)
            $0.member("state", state.rawValue)
            $0.member("start", start)
            if let end { $0.member("end", end) }
            $0.name("request")
            Self.write(to: &$0, line: "\(method) \(target) HTTP/1.1", headers.fields, body, hasPolicy: hasPolicy)
            if let response {
                $0.member("status", response.status.code)
                if let cause = response.cause { $0.member("cause", Secrets.masked(cause)) }
                $0.name("response")
                let line = "HTTP/1.1 \(response.status.code) \(response.status.reason)"
                Self.write(to: &$0, line: line, response.fields, response.body)
            }
        }
    }

    /// Whether its body is a policy, or meant as one.
    private var hasPolicy: Bool { method == .post && path.hasSameBytes(as: TokenFunction.path) }

    /// Masks percent-encoded secrets too, because the functions accept them.
    private var target: String {
        guard let query else { return Secrets.masked(encoded: path[...]) }
        let parameters = query.split(separator: "&", omittingEmptySubsequences: false).map(Secrets.masked(encoded:))
        return Secrets.masked(encoded: path[...]) + "?" + parameters.joined(separator: "&")
    }

    private static func write(
        to json: inout JSONWriter,
        line: String,
        _ fields: [Headers.Field],
        _ body: RecordedBody,
        hasPolicy: Bool = false
    ) {
        json.object {
            $0.member("line", line)
            $0.name("fields")
            $0.array { json in
                for field in fields {
                    json.array {
                        $0.value(field.name.string)
                        $0.value(hiddenFields.contains(field.name) ? "…" : Secrets.masked(field.value.string))
                    }
                }
            }
            let text =
                hasPolicy && body.size > 0
                ? PolicyMask.shown(body.bytes, of: body.size) : String(decoding: body.bytes, as: UTF8.self)
            $0.member("body", Secrets.masked(text))
            $0.member("size", body.size)
        }
    }
}

/// Fields whose values have no form to be known by: a proxy's secret, and what an admission says of a policy.
private let hiddenFields: Set<Headers.Name> = ["x-admit-secret", "x-user", "x-variables"]

extension RecordedResponse {
    /// With the framing that the server adds to the function's fields (RFC 9112, section 6).
    fileprivate var fields: [Headers.Field] {
        let framing =
            length.map { Headers.Field(.contentLength, Headers.Value($0)) }
            ?? Headers.Field(.transferEncoding, "chunked")
        return headers.fields + [framing]
    }
}
