package import FunctionCore

/// Bytes as fixtures write them: a string; `{"base64": "…"}` for bytes that are no text; or
/// `{"repeat": "a", "times": 1000}` for a long text.
package struct Content: Sendable {
    package let bytes: [UInt8]

    private static let sizeLimit = EventReader.sizeLimit

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        if case .string(let text) = json {
            bytes = Array(text.utf8)
            return
        }
        guard case .object = json else {
            throw .shape(pointer, reason: "must be a string, {\"base64\"} or {\"repeat\", \"times\"}, not \(json.kind)")
        }
        var object = try JSONObject(json, at: pointer)
        if let base64 = try object.string("base64") {
            try object.refuseOthers()
            guard let decoded = Base64.decode(base64) else { throw object.refuse("base64", "is no base64") }
            bytes = decoded
            return
        }
        let text = try object.string("repeat")
        let number = try object.integer("times", in: 0...Self.sizeLimit)
        try object.refuseOthers()
        let part = Array(try object.require("repeat", text).utf8)
        let times = try object.require("times", number)
        guard !part.isEmpty else { throw object.refuse("repeat", "must not be empty") }
        // Cannot overflow: both factors are sizes of texts in memory at most.
        guard part.count * times <= Self.sizeLimit else {
            throw object.refuse("times", "gives over \(Self.sizeLimit) bytes")
        }
        bytes = Array(repeatElement(part, count: times).joined())
    }
}

extension JSON {
    /// The value that ``Content`` reads as these bytes.
    package static func content(_ bytes: [UInt8]) -> JSON {
        String(validating: bytes, as: UTF8.self).map(JSON.string) ?? .object(["base64": .string(Base64.encode(bytes))])
    }
}
