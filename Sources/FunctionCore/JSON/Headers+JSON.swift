extension Headers {
    /// Adds a field from a JSON document; throws if name or value is not legal. `pointer` locates the value.
    package mutating func append(
        _ name: String,
        _ value: JSON,
        at pointer: @autoclosure () -> JSONPointer
    ) throws(JSONDocumentError) {
        guard let name = Name(name) else { throw .shape(pointer(), reason: "is not a header name") }
        guard case .string(let text) = value else {
            throw .shape(pointer(), reason: "must be a string, not \(value.kind)")
        }
        guard let value = Value(text) else {
            throw .shape(
                pointer(),
                reason: "is not a header value: no controls, no blanks at its ends, no scalar over U+00FF"
            )
        }
        append(name, value)
    }
}
