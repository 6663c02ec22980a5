import FunctionCore

extension EventReader {
    /// Reads the short form: `{"method","path","query","headers","body"}`. Only `path` is required.
    ///
    /// Path and query are written as in a request's target. A header's value is a string, or an array of strings for a
    /// repeated field. A body is ``Content``. Other members are errors, so that no misspelt one goes unnoticed.
    static func shortRequest(_ event: JSONObject) throws(JSONDocumentError) -> Request {
        var event = event
        let method = try event.string("method")
        let path = try event.string("path")
        let query = try event.string("query")
        let headers = try event.object("headers")
        let body = event["body"]
        // For editors.
        _ = event["$schema"]
        try event.refuseOthers()

        let target = try event.require("path", path)
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy(isTargetByte), !target.contains("?") else {
            throw event.refuse("path", "must begin with / and hold visible ASCII only, the query apart")
        }
        guard query?.utf8.allSatisfy(isTargetByte) != false else {
            throw event.refuse("query", "must hold visible ASCII only: percent-encode the rest")
        }
        guard let method = Method(method ?? "GET") else { throw event.refuse("method", "is no request method") }
        var request = Request(method: method, path: target, query: query)
        request.headers = try fields(headers ?? [], at: event.pointer.appending("headers"))
        if let body, body != .null {
            request.body = .bytes(try Content(body, at: event.pointer.appending("body")).bytes)
        }
        return request
    }

    private static func fields(_ members: [JSON.Member], at pointer: JSONPointer) throws(JSONDocumentError) -> Headers {
        var headers = Headers()
        for member in members {
            let place = pointer.appending(member.name)
            guard case .array(let values) = member.value else {
                try headers.append(member.name, member.value, at: place)
                continue
            }
            for (index, value) in values.enumerated() {
                try headers.append(member.name, value, at: place.appending(index))
            }
        }
        return headers
    }

    /// Whether a request's target may contain the byte (RFC 9112, section 3.2); a target has no fragment.
    private static func isTargetByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "#")
    }
}
