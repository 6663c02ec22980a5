import Function

/// Reads a fixture's event, the request that a function is asked.
///
/// It takes two forms: the event that AWS' HTTP APIs and function URLs hand to a function (payload format 2.0, told by
/// its `version`), and a short one of this project's own. It is pure: from bytes to a request or an error.
enum EventReader {
    /// The longest event, in bytes: what Lambda takes at most.
    static let sizeLimit = 6 << 20

    static func read(_ bytes: [UInt8]) throws(FixtureError) -> Request {
        guard bytes.count <= sizeLimit else { throw .file(reason: "longer than \(sizeLimit) bytes") }
        do throws(JSONDocumentError) {
            return try request(bytes)
        } catch {
            throw .content(error)
        }
    }

    private static func request(_ bytes: [UInt8]) throws(JSONDocumentError) -> Request {
        var event = try JSONObject(reading: bytes)
        guard let version = event["version"] else { return try shortRequest(event) }
        guard version == .string("2.0") else {
            throw event.refuse("version", "must be \"2.0\": other events of API Gateway are not read here")
        }
        return try gatewayRequest(event)
    }

    static func method(_ name: String, at pointer: JSONPointer) throws(JSONDocumentError) -> Method {
        guard let method = Method(name) else { throw .shape(pointer, reason: "is no request method") }
        return method
    }

    /// Adds a field, if name and value are legal.
    static func append(
        _ name: String,
        _ value: JSON,
        to headers: inout Headers,
        at pointer: JSONPointer
    ) throws(JSONDocumentError) {
        guard let name = Headers.Name(name) else { throw .shape(pointer, reason: "is no header's name") }
        guard case .string(let text) = value else {
            throw .shape(pointer, reason: "must be a string, not \(value.kind)")
        }
        guard let value = Headers.Value(text) else {
            throw .shape(
                pointer,
                reason: "is no header's value: no controls, no blanks at its ends, no scalar over U+00FF"
            )
        }
        headers.append(name, value)
    }

    /// What may stand in a request's target (RFC 9112, section 3.2): a fragment never does.
    static func isTargetByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "#")
    }
}
