import Function

extension EventReader {
    /// The event of an HTTP API or a function URL, payload format 2.0. What is not needed here is passed over.
    static func gatewayRequest(_ event: JSONObject) throws(JSONDocumentError) -> Request {
        var event = event
        let path = try event.require("rawPath", try event.string("rawPath"))
        guard path.utf8.first == UInt8(ascii: "/") else { throw event.refuse("rawPath", "must begin with /") }
        let query = try event.string("rawQueryString") ?? ""
        return Request(
            method: try gatewayMethod(&event),
            path: encoded(path, keeping: isPathByte),
            query: query.isEmpty ? nil : encoded(query, keeping: isTargetByte),
            headers: try gatewayHeaders(&event),
            body: try gatewayBody(&event)
        )
    }

    private static func gatewayMethod(_ event: inout JSONObject) throws(JSONDocumentError) -> Method {
        let pointer = event.pointer.appending("requestContext")
        var context = try JSONObject(try event.require("requestContext", event["requestContext"]), at: pointer)
        var http = try JSONObject(try context.require("http", context["http"]), at: pointer.appending("http"))
        let name = try http.require("method", try http.string("method"))
        return try method(name, at: http.pointer.appending("method"))
    }

    /// Repeats of a field come joined by commas, except those of Cookie, which the gateway takes apart.
    private static func gatewayHeaders(_ event: inout JSONObject) throws(JSONDocumentError) -> Headers {
        var headers = Headers()
        for member in try event.object("headers") ?? [] {
            try append(
                member.name,
                member.value,
                to: &headers,
                at: event.pointer.appending("headers").appending(member.name)
            )
        }
        let pointer = event.pointer.appending("cookies")
        var cookies: [String] = []
        for (index, cookie) in (try event.array("cookies") ?? []).enumerated() {
            guard case .string(let text) = cookie else {
                throw .shape(pointer.appending(index), reason: "must be a string, not \(cookie.kind)")
            }
            cookies.append(text)
        }
        guard !cookies.isEmpty else { return headers }
        headers.remove("cookie")
        // RFC 6265, section 5.4: one field, the pairs apart by a semicolon and a space.
        try append("cookie", .string(cookies.joined(separator: "; ")), to: &headers, at: pointer)
        return headers
    }

    private static func gatewayBody(_ event: inout JSONObject) throws(JSONDocumentError) -> Body {
        guard let text = try event.string("body") else { return .empty }
        guard try event.bool("isBase64Encoded") ?? false else { return .text(text) }
        guard let bytes = Base64.decode(text) else { throw event.refuse("body", "is no base64") }
        return .bytes(bytes)
    }

    /// The gateway decodes parts of a path; a target holds visible ASCII only, so the rest is encoded again.
    private static func encoded(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        guard !text.utf8.allSatisfy(isKept) else { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isKept(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        isTargetByte(byte) && byte != UInt8(ascii: "?")
    }
}
