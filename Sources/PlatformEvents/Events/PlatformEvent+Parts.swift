import Function

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

    static func body(of event: inout JSONObject) throws(JSONDocumentError) -> Body {
        guard let text = try event.string("body") else { return .empty }
        guard try event.bool("isBase64Encoded") ?? false else { return .text(text) }
        guard let bytes = Base64.decode(text) else { throw event.refuse("body", "is no base64") }
        return .bytes(bytes)
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
