package import FunctionCore
import FunctionPlatforms

/// Reads a fixture's event: the request that a function gets.
///
/// An event is in the project's own short form, or in a form of AWS, which has members that the short form lacks. The
/// reader is pure: from bytes to a request or an error.
package enum EventReader {
    /// The longest event, in bytes.
    package static let sizeLimit = PlatformEvent.sizeLimit

    private static let platformMembers = [
        "version", "requestContext", "httpMethod", "resource", "methodArn", "routeArn", "raw_path",
    ]

    package static func read(_ bytes: [UInt8]) throws(FixtureError) -> Request {
        let json = try json(bytes)
        return try FixtureError.reading(try request(json, at: .root))
    }

    /// The JSON of an event, whatever it says.
    package static func json(_ bytes: [UInt8]) throws(FixtureError) -> JSON {
        guard bytes.count <= sizeLimit else { throw .file(reason: "longer than \(sizeLimit) bytes") }
        return try FixtureError.reading(try JSONReader.document(bytes))
    }

    /// The request in the event at `pointer`.
    package static func request(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) -> Request {
        let event = try JSONObject(json, at: pointer)
        guard platformMembers.contains(where: { json.member($0) != nil }) else { return try shortRequest(event) }
        do throws(PlatformEventError) {
            return try PlatformEvent(event).request
        } catch {
            switch error {
            case .content(let error): throw error
            case .unknownKind, .tooLong: throw .shape(event.pointer, reason: error.description)
            }
        }
    }
}

/// Why a fixture cannot be read.
package enum FixtureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A value in the file is not what it has to be.
    case content(JSONDocumentError)
    /// The file as a whole is unreadable.
    case file(reason: String)
    /// Another file, which this one refers to, is wrong.
    indirect case elsewhere(file: String, FixtureError)

    /// Reads a value, and reports its errors as those of a fixture's content.
    package static func reading<Value>(
        _ value: @autoclosure () throws(JSONDocumentError) -> Value
    ) throws(FixtureError) -> Value {
        do throws(JSONDocumentError) {
            return try value()
        } catch {
            throw .content(error)
        }
    }

    package var description: String {
        switch self {
        case .content(let error): error.description
        case .file(let reason): reason
        case .elsewhere(let file, let error): error.description(in: file)
        }
    }

    /// The description after the name of the file.
    package func description(in file: String) -> String {
        switch self {
        case .content(.syntax): "\(file):\(self)"
        case .content(.shape): "\(file)\(self)"
        case .file: "\(file): \(self)"
        case .elsewhere(let other, let error): error.description(in: other)
        }
    }
}
