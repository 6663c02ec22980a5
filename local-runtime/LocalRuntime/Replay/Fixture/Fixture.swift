import Foundation
import Function

/// What holds before, and the steps from there: an event with its expectation, or a scenario.
struct Fixture: Sendable {
    let given: Given
    let steps: [Step]

    /// All events of all steps.
    var deliveries: [Delivery] { steps.flatMap(\.deliveries) }

    /// Why there is none: the file, and what is wrong with it.
    struct Unreadable: Error {
        let description: String
    }

    typealias Rewrite = (String) -> String

    /// Reads a fixture; `rewrite` may replace texts in its files.
    init(_ files: FixtureFiles, rewrite: Rewrite? = nil) throws(Unreadable) {
        switch files.kind {
        case .event: try self.init(event: files, rewrite)
        case .scenario: try self.init(scenario: files, rewrite)
        }
    }

    private init(event files: FixtureFiles, _ rewrite: Rewrite?) throws(Unreadable) {
        let hasExpectation = FileManager.default.fileExists(atPath: files.expectation)
        if hasExpectation && !FileManager.default.fileExists(atPath: files.event) {
            throw Unreadable(description: "\(files.expectation): there is no event beside it, \(files.event)")
        }
        let request = try Self.read(files.event, rewrite, EventReader.json)
        var delivery = try Self.located(files.event) { () throws(FixtureError) in
            do throws(JSONDocumentError) {
                return Delivery(event: try Template(request, at: .root, EventReader.request))
            } catch {
                throw .content(error)
            }
        }
        guard hasExpectation else {
            given = Given()
            steps = [.deliver(delivery)]
            return
        }
        let (given, expectation) = try Self.read(files.expectation, rewrite) { bytes throws(FixtureError) in
            do throws(JSONDocumentError) {
                return try Self.expectation(bytes)
            } catch {
                throw .content(error)
            }
        }
        delivery.expectation = expectation
        self.given = given
        steps = [.deliver(delivery)]
    }

    private init(scenario files: FixtureFiles, _ rewrite: Rewrite?) throws(Unreadable) {
        guard !FileManager.default.fileExists(atPath: files.event) else {
            throw Unreadable(description: "\(files.expectation): a fixture is a scenario or \(files.event), not both")
        }
        let folder = URL(fileURLWithPath: files.name).deletingLastPathComponent().path
        let scenario = try Self.read(files.expectation, rewrite) { bytes throws(FixtureError) in
            try Scenario(bytes) { file throws(FixtureError) in
                try EventReader.json(Self.rewritten(try FixtureFile.read(folder + "/" + file), rewrite))
            }
        }
        given = scenario.given
        steps = scenario.steps
    }

    /// An expectation that stands by itself, and what holds before.
    static func expectation(_ bytes: [UInt8]) throws(JSONDocumentError) -> (Given, Template<Expectation>) {
        let json = try JSONReader.document(bytes)
        var object = try JSONObject(json)
        let given = try Given(object["given"] ?? .object([]), at: JSONPointer.root.appending("given"))
        guard case .object(let members) = json else { return (given, try template(json)) }
        let others = members.filter { member in
            !["given", "$schema"].contains { member.name.hasSameBytes(as: $0) }
        }
        return (given, try template(.object(others)))
    }

    private static func template(_ json: JSON) throws(JSONDocumentError) -> Template<Expectation> {
        try Template(json, at: .root) { json, pointer throws(JSONDocumentError) in
            try Expectation(json, at: pointer)
        }
    }

    private static func read<Value>(
        _ file: String,
        _ rewrite: Rewrite?,
        _ parse: ([UInt8]) throws(FixtureError) -> Value
    ) throws(Unreadable) -> Value {
        try located(file) { () throws(FixtureError) in
            try parse(rewritten(try FixtureFile.read(file), rewrite))
        }
    }

    private static func rewritten(_ bytes: [UInt8], _ rewrite: Rewrite?) -> [UInt8] {
        rewrite.map { Array($0(String(decoding: bytes, as: UTF8.self)).utf8) } ?? bytes
    }

    private static func located<Value>(
        _ file: String,
        _ body: () throws(FixtureError) -> Value
    ) throws(Unreadable) -> Value {
        do throws(FixtureError) {
            return try body()
        } catch {
            throw Unreadable(description: error.description(in: file))
        }
    }
}
