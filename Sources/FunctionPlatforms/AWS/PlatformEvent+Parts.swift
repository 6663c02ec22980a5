import FunctionBytes
import FunctionCore

/// What the kinds of events have in common.
extension PlatformEvent {
    /// A path begins with a slash. An HTTP API decodes it, the other kinds leave it as it came: what cannot stand in a
    /// target is encoded again, so that both come out right.
    static func path(_ name: String, of event: inout JSONObject) throws(JSONDocumentError) -> String {
        let path = try event.require(name, try event.string(name))
        guard path.utf8.first == UInt8(ascii: "/") else { throw event.refuse(name, "must begin with /") }
        return PercentEncoding.encode(path, keeping: .path)
    }

    static func method(_ name: String, of object: inout JSONObject) throws(JSONDocumentError) -> Method {
        let text = try object.require(name, try object.string(name))
        guard let method = Method(text) else { throw object.refuse(name, "is no request method") }
        return method
    }

    /// The platform's id for the request, if it may stand in a header.
    static func id(_ context: JSONObject?) throws(JSONDocumentError) -> String {
        var context = context
        guard let id = try context?.string("requestId"), Headers.Value(id) != nil else { return "" }
        return id
    }

    /// The body of an event, or of an answer, which its platform reads as openly.
    ///
    /// AWS writes true or false, and base64 without line ends. Its gateways take `"true"` in an answer too, and line
    /// ends in its base64 (get_base_64_encoded in samcli/local/apigw of github.com/aws/aws-sam-cli). Events that
    /// somebody has made for a test may have both.
    static func body(of event: inout JSONObject) throws(JSONDocumentError) -> Body {
        guard let text = try event.string("body") else { return .empty }
        guard try isBase64(&event) else { return .text(text) }
        guard let bytes = Base64.decodeLines(text) else { throw event.refuse("body", "is no base64") }
        return .bytes(bytes)
    }

    private static func isBase64(_ event: inout JSONObject) throws(JSONDocumentError) -> Bool {
        let name = "isBase64Encoded"
        guard case .string(let word)? = event[name] else { return try event.bool(name) ?? false }
        if ["true", "True"].contains(where: word.hasSameBytes) { return true }
        if ["false", "False"].contains(where: word.hasSameBytes) { return false }
        throw event.refuse(name, "must be true or false")
    }
}

extension Headers {
    /// Adds a field as a platform tells it. What stands there for nothing, null, adds none.
    mutating func append(
        platform name: String,
        _ value: JSON,
        at pointer: @autoclosure () -> JSONPointer
    ) throws(JSONDocumentError) {
        switch value {
        case .null: break
        case .string(let text) where text.unicodeScalars.contains { $0.value > 0xFF }:
            // The platform took the octets for UTF-8: an octet is one scalar here.
            try append(
                name,
                .string(String(String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) }))),
                at: pointer()
            )
        default: try append(name, value, at: pointer())
        }
    }
}
