import Function

extension EventReader {
    /// The short form: `{"method","path","query","headers","body"}`, of which only `path` has to be there.
    ///
    /// Path and query stand as they do in a request's target; a header's value is a string, or an array of strings for
    /// a field that comes more than once. The body is a string, or for a long one `{"repeat": "a", "times": 1000}`.
    /// Nothing else may be there, so that no misspelt member goes unnoticed.
    static func shortRequest(_ event: JSONObject) throws(FixtureError) -> Request {
        var event = event
        let method = try event.string("method")
        let path = try event.string("path")
        let query = try event.string("query")
        let headers = try event.object("headers")
        let body = event["body"]
        try event.refuseOthers()

        let target = try event.require("path", path)
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy(isTargetByte), !target.contains("?") else {
            throw event.refuse("path", "must begin with / and hold visible ASCII only, the query apart")
        }
        guard query?.utf8.allSatisfy(isTargetByte) != false else {
            throw event.refuse("query", "must hold visible ASCII only: percent-encode the rest")
        }
        return Request(
            method: try method.map { name throws(FixtureError) in
                try Self.method(name, at: event.pointer.appending("method"))
            } ?? .get,
            path: target,
            query: query,
            headers: try fields(headers ?? [], at: event.pointer.appending("headers")),
            body: try shortBody(body ?? .null, at: event.pointer.appending("body"))
        )
    }

    private static func shortBody(_ json: JSON, at pointer: JSONPointer) throws(FixtureError) -> Body {
        switch json {
        case .null: return .empty
        case .string(let text): return .text(text)
        case .object:
            var object = try JSONObject(json, at: pointer)
            let text = try object.string("repeat")
            let count = try object.integer("times", in: 0...sizeLimit)
            try object.refuseOthers()
            let part = Array(try object.require("repeat", text).utf8)
            let times = try object.require("times", count)
            guard times * part.count <= sizeLimit else { throw object.refuse("times", "gives over \(sizeLimit) bytes") }
            return .bytes(Array(repeatElement(part, count: part.isEmpty ? 0 : times).joined()))
        default:
            throw .shape(pointer, reason: "must be a string or {\"repeat\", \"times\"}, not \(json.kind)")
        }
    }

    private static func fields(_ members: [JSON.Member], at pointer: JSONPointer) throws(FixtureError) -> Headers {
        var headers = Headers()
        for member in members {
            let place = pointer.appending(member.name)
            guard case .array(let values) = member.value else {
                try append(member.name, member.value, to: &headers, at: place)
                continue
            }
            for (index, value) in values.enumerated() {
                try append(member.name, value, to: &headers, at: place.appending(index))
            }
        }
        return headers
    }
}
