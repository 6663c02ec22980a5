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
