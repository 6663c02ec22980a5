public import FunctionCore

extension PlatformEvent {
    /// Encodes a response in the form that this kind of event requires. `body` is the complete body.
    ///
    /// The response to HEAD includes the body as well: the platform drops it after taking its length. A UTF-8 body is
    /// encoded as text, which every platform passes on unchanged, any other as base64.
    public static func encode(_ response: Response, body: [UInt8], for kind: Kind) -> [UInt8] {
        let fields = ResponseFields(response.headers)
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
            ResponseFields(response.headers).writeWithCookies(to: &$0)
        }
        return json.finish()
    }

    /// `200 OK`: a load balancer requires the code and the phrase, separated by one space.
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
    /// Whether a response with this status has a body, except to HEAD (RFC 9110, section 6.4.1).
    var hasBody: Bool { self != .noContent && self != .notModified }
}

/// The fields of a response by name, without those that a platform sets itself.
struct ResponseFields {
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

    /// Whether the platform sets this field itself: those of HTTP/1.1 that HTTP/2 forbids (RFC 9113, section 8.2.2),
    /// the length and the date. The sender of the message controls framing and connection; a REST API fails with 5xx on
    /// some of these.
    static func isPlatforms(_ name: Headers.Name) -> Bool {
        switch name.string {
        case "connection", "content-length", "date", "keep-alive", "proxy-connection", "te", "trailer",
            "transfer-encoding", "upgrade":
            true
        default: false
        }
    }

    /// Format 2.0: repeated fields are joined, except Set-Cookie, whose values may contain commas (RFC 9110, section
    /// 5.3).
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

    /// Format 1.0: single fields go into `headers`, which all its readers know, repeated ones into `multiValueHeaders`.
    func writeRepeatsApart(to json: inout JSONWriter) {
        json.name("headers")
        json.object { for (name, values) in fields where values.count == 1 { $0.member(name.string, values[0]) } }
        guard fields.contains(where: { $0.values.count > 1 }) else { return }
        json.name("multiValueHeaders")
        json.object { for field in fields where field.values.count > 1 { Self.write(field, to: &$0) } }
    }

    /// One value per name: repeated fields are joined, but of Set-Cookie only the last is kept. No reader splits joined
    /// cookies, so joining would break them all. Of two cookies with the same name the client would keep the last one
    /// anyway.
    func writeSingle(to json: inout JSONWriter) {
        json.name("headers")
        json.object {
            for (name, values) in fields {
                // `values` is never empty.
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

    /// Joins a list without its empty elements: they mean nothing (RFC 9110, section 5.6.1.2), and one at the end would
    /// leave a trailing blank.
    private static func joined(_ values: [String]) -> String {
        values.count == 1 ? values[0] : values.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
