public import Function

/// Why bytes are no event that is known here, or no answer that a platform takes.
public enum PlatformEventError: Error, Hashable, Sendable, CustomStringConvertible {
    /// More bytes than Lambda takes.
    case tooLong(limit: Int)
    /// No JSON, or a member that is not what it has to be; the description names its JSON pointer.
    case content(JSONDocumentError)
    /// An event of none of ``PlatformEvent/Kind``; `reason` says what it lacks.
    case unknownKind(reason: String)

    public var description: String {
        switch self {
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .content(let error): error.description
        case .unknownKind(let reason): reason
        }
    }
}
