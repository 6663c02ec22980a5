import Foundation
import Function

/// An event and what has to come of it.
struct Fixture: Sendable {
    let request: Request
    let expectation: Expectation?

    /// Why there is none: the file, and what is wrong with it.
    struct Unreadable: Error {
        let description: String
    }

    init(_ files: FixtureFiles) throws(Unreadable) {
        let hasExpectation = FileManager.default.fileExists(atPath: files.expectation)
        if hasExpectation && !FileManager.default.fileExists(atPath: files.event) {
            throw Unreadable(description: "\(files.expectation): there is no event beside it, \(files.event)")
        }
        request = try Self.read(files.event, EventReader.read)
        guard hasExpectation else {
            expectation = nil
            return
        }
        expectation = try Self.read(files.expectation) { bytes throws(FixtureError) in
            do throws(JSONDocumentError) {
                return try Expectation(bytes)
            } catch {
                throw .content(error)
            }
        }
    }

    private static func read<Value>(
        _ file: String,
        _ parse: ([UInt8]) throws(FixtureError) -> Value
    ) throws(Unreadable) -> Value {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Unreadable(description: "\(file): cannot be read")
        }
        do throws(FixtureError) {
            return try parse(Array(data))
        } catch {
            throw Unreadable(description: error.description(in: file))
        }
    }
}
