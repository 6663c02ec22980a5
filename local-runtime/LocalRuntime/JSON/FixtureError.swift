import Function

/// Why a fixture cannot be read.
enum FixtureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is no JSON.
    case syntax(JSONError)
    /// The value that the pointer leads to is not what it has to be.
    case shape(JSONPointer, reason: String)
    /// The file as a whole cannot be taken.
    case file(reason: String)

    /// The place and the reason: `3:14: …`, `#/headers/host: …`
    var description: String {
        switch self {
        case .syntax(let error): error.description
        case .shape(let pointer, let reason): "#\(pointer): \(reason)"
        case .file(let reason): reason
        }
    }

    /// The description behind a file's name.
    func description(in file: String) -> String {
        switch self {
        case .syntax: "\(file):\(self)"
        case .shape: "\(file)\(self)"
        case .file: "\(file): \(self)"
        }
    }
}
