package import FunctionCore
import FunctionHTTP
import LocalRuntimeConsole

extension RecordedExchange {
    /// Writes it as the page shows it: the lines and fields as they stand on the wire, secrets masked.
    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("number", number)
            $0.member("state", state.rawValue)
            $0.member("start", start)
            if let end { $0.member("end", end) }
            $0.name("request")
            Self.write(to: &$0, line: "\(method) \(target) HTTP/1.1", headers.fields, body)
            if let answer {
                $0.member("status", answer.status.code)
                $0.name("response")
                Self.write(to: &$0, line: answer.line, answer.fields, answer.body)
            }
        }
    }

    /// A secret may stand there percent-encoded too, as the functions read it.
    private var target: String {
        guard let query else { return Secrets.masked(encoded: path[...]) }
        let parameters = query.split(separator: "&", omittingEmptySubsequences: false).map(Secrets.masked(encoded:))
        return Secrets.masked(encoded: path[...]) + "?" + parameters.joined(separator: "&")
    }

    private static func write(
        to json: inout JSONWriter,
        line: String,
        _ fields: [Headers.Field],
        _ body: RecordedBody
    ) {
        json.object {
            $0.member("line", line)
            $0.name("fields")
            $0.array { json in
                for field in fields {
                    json.array {
                        $0.value(field.name.string)
                        $0.value(Secrets.masked(field.value.string))
                    }
                }
            }
            $0.member("body", Secrets.masked(String(decoding: body.bytes, as: UTF8.self)))
            $0.member("size", body.size)
        }
    }
}

extension RecordedExchange.Answer {
    fileprivate var line: String {
        "HTTP/1.1 \(status.code) \(status.reason)"
    }

    /// With the framing that the server puts behind what the function says (RFC 9112, section 6).
    fileprivate var fields: [Headers.Field] {
        let framing =
            length.map { Headers.Field(.contentLength, Headers.Value($0)) }
            ?? Headers.Field(.transferEncoding, "chunked")
        return headers.fields + [framing]
    }
}
