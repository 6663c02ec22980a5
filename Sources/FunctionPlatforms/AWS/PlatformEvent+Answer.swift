public import FunctionCore

extension PlatformEvent {
    /// The response in the form that this kind of event is answered with. `body` is the whole body.
    ///
    /// It is handed over to HEAD too: the platform leaves it out, and takes its length from it. What is UTF-8 goes as
    /// text, which every platform passes on unchanged; anything else as base64.
    public static func encode(_ response: Response, body: [UInt8], for kind: Kind) -> [UInt8] {
        let fields = AnswerFields(response.headers)
        var json = JSONWriter(reservingCapacity: body.count + body.count / 2 + 512)
        json.object {
            $0.member("statusCode", response.status.code)
            switch kind {
            case .gatewayV2: fields.writeWithCookies(to: &$0)
            case .gatewayV1: fields.writeRepeatsApart(to: &$0)
            case .loadBalancer:
                $0.member("statusDescription", description(of: response.status))
                fields.writeSingle(to: &$0)
            case .multiValueLoadBalancer:
                $0.member("statusDescription", description(of: response.status))
                fields.writeMultiple(to: &$0)
            }
            write(response.status.hasBody ? body : [], to: &$0)
        }
        return json.finish()
    }

    /// The prelude of a streamed response: JSON {"statusCode","headers","cookies"} (without the 8 NUL bytes).
    public static func encodePrelude(_ response: Response) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 512)
        json.object {
            $0.member("statusCode", response.status.code)
            AnswerFields(response.headers).writeWithCookies(to: &$0)
        }
        return json.finish()
    }

    /// `200 OK`: a load balancer wants code and phrase, apart by one space.
    private static func description(of status: Status) -> String {
        let reason = status.reason.description
        return "\(status.code) \(reason.isEmpty ? "Unknown" : reason)"
    }

    private static func write(_ body: [UInt8], to json: inout JSONWriter) {
        let text = String(validating: body, as: UTF8.self)
        json.member("body", text ?? Base64.encode(body))
        json.member("isBase64Encoded", text == nil)
    }
}

extension Status {
    /// Whether a response has a body, to another method than HEAD (RFC 9110, section 6.4.1).
    var hasBody: Bool { self != .noContent && self != .notModified }
}

/// A response's fields by name, without those that a platform sets itself.
struct AnswerFields {
    private var fields: [(name: Headers.Name, values: [String])] = []

    init(_ headers: Headers) {
        fields.reserveCapacity(headers.fields.count)
        for field in headers.fields where !Self.isPlatforms(field.name) {
            if let index = fields.firstIndex(where: { $0.name == field.name }) {
                fields[index].values.append(field.value.string)
            } else {
                fields.append((field.name, [field.value.string]))
            }
        }
    }

    /// Framing and the connection belong to whoever sends the message; a REST API would answer some of these with 5xx.
    /// They are those of HTTP/1.1 that HTTP/2 forbids (RFC 9113, section 8.2.2), the length and the date.
    static func isPlatforms(_ name: Headers.Name) -> Bool {
        switch name.string {
        case "connection", "content-length", "date", "keep-alive", "proxy-connection", "te", "trailer",
            "transfer-encoding", "upgrade":
            true
        default: false
        }
    }

    /// Format 2.0: repeats joined, but Set-Cookie apart, for its values may hold commas (RFC 9110, section 5.3).
    func writeWithCookies(to json: inout JSONWriter) {
        var cookies: [String] = []
        json.name("headers")
        json.object {
            for (name, values) in fields {
                if name == .setCookie {
                    cookies = values
                } else {
                    $0.member(name.string, Self.joined(values))
                }
            }
        }
        json.name("cookies")
        json.array { for cookie in cookies { $0.value(cookie) } }
    }

    /// Format 1.0: what comes once in `headers`, which all its readers know, and repeats beside them.
    func writeRepeatsApart(to json: inout JSONWriter) {
        json.name("headers")
        json.object { for (name, values) in fields where values.count == 1 { $0.member(name.string, values[0]) } }
        guard fields.contains(where: { $0.values.count > 1 }) else { return }
        json.name("multiValueHeaders")
        json.object { for field in fields where field.values.count > 1 { Self.write(field, to: &$0) } }
    }

    /// One value a name: repeats joined, but of Set-Cookie, which no reader takes apart again, only the last. Of two
    /// cookies of one name the last would win at the client, too, and a joined value would spoil both.
    func writeSingle(to json: inout JSONWriter) {
        json.name("headers")
        json.object {
            for (name, values) in fields {
                // Every name came with a value.
                $0.member(name.string, name == .setCookie ? values[values.count - 1] : Self.joined(values))
            }
        }
    }

    func writeMultiple(to json: inout JSONWriter) {
        json.name("multiValueHeaders")
        json.object { for field in fields { Self.write(field, to: &$0) } }
    }

    private static func write(_ field: (name: Headers.Name, values: [String]), to json: inout JSONWriter) {
        json.name(field.name.string)
        json.array { for value in field.values { $0.value(value) } }
    }

    /// A list without its empty elements, which mean nothing (RFC 9110, section 5.6.1.2), and at its end would leave a
    /// blank there.
    private static func joined(_ values: [String]) -> String {
        values.count == 1 ? values[0] : values.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
