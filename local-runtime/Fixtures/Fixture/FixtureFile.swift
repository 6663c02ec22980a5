package import FunctionCore
import LocalRuntimeConsole

/// A fixture's file, an event or what is expected.
package enum FixtureFile {
    /// The longest, in bytes: an event's, and some more for a scenario.
    package static let sizeLimit = 8 << 20

    /// Reads a file as far as one may be long, so that no file takes more memory than that.
    package static func read(_ path: String) throws(FixtureError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Input.Unreadable) {
            bytes = try Input.read(file: path, upTo: sizeLimit, takesPipes: false)
        } catch {
            throw .file(reason: error.description)
        }
        guard bytes.count <= sizeLimit else { throw .file(reason: "longer than \(sizeLimit) bytes") }
        return bytes
    }

    /// The JSON of a file. `isEvent` where it is as long as events may be.
    package static func json(_ path: String, isEvent: Bool = false) throws(FixtureError) -> JSON {
        let bytes = try read(path)
        guard !isEvent else { return try EventReader.json(bytes) }
        return try FixtureError.reading { () throws(JSONDocumentError) in try JSONReader.document(bytes) }
    }
}
