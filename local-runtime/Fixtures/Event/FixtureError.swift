package import FunctionCore

/// Why a fixture cannot be read.
package enum FixtureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What it says is not what it has to be.
    case content(JSONDocumentError)
    /// The file as a whole cannot be taken.
    case file(reason: String)

    /// What `body` reads, its errors told as those of a fixture's content.
    package static func reading<Value>(_ body: () throws(JSONDocumentError) -> Value) throws(FixtureError) -> Value {
        do throws(JSONDocumentError) {
            return try body()
        } catch {
            throw .content(error)
        }
    }

    package var description: String {
        switch self {
        case .content(let error): error.description
        case .file(let reason): reason
        }
    }

    /// The description behind a file's name.
    package func description(in file: String) -> String {
        switch self {
        case .content(.syntax): "\(file):\(self)"
        case .content(.shape): "\(file)\(self)"
        case .file: "\(file): \(self)"
        }
    }
}
