/// Why a JSON document is not what it has to be, and where.
public enum JSONDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is no JSON.
    case syntax(JSONError)
    /// The value that the pointer leads to is not what it has to be.
    case shape(JSONPointer, reason: String)

    /// The place and the reason: `3:14: …`, `#/headers/host: …`
    public var description: String {
        switch self {
        case .syntax(let error): error.description
        case .shape(let pointer, let reason): "#\(pointer): \(reason)"
        }
    }
}
