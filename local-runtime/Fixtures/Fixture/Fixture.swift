import FoundationEssentials
package import FunctionCore
import FunctionEventLoop
import LocalRuntimeConsole
import StreamTokens

/// What holds before, and the steps from there: an event with its expectation, or a scenario.
package struct Fixture: Sendable {
    package let given: Given
    package let steps: [Step]
    private let files: FixtureFiles
    /// What stands in its files, by their paths.
    private let documents: [String: JSON]

    package var deliveries: [Delivery] { steps.flatMap(\.deliveries) }

    /// Why there is none: the file, and what is wrong with it.
    package struct Unreadable: Error {
        package let description: String
    }

    private typealias Read = (_ file: String, _ isEvent: Bool) throws(FixtureError) -> JSON

    /// Reads a fixture, each of its files once.
    package init(_ files: FixtureFiles) throws(Unreadable) {
        let documents = Lock<[String: JSON]>([:])
        (given, steps) = try Self.parts(of: files) { file, isEvent throws(FixtureError) in
            if let known = documents.withLock({ $0[file] }) { return known }
            let json = try FixtureFile.json(file, isEvent: isEvent)
            documents.withLock { $0[file] = json }
            return json
        }
        self.files = files
        self.documents = documents.withLock { $0 }
    }

    /// The fixture with new keys and tokens, to share a store with others though those of its files are fixed.
    package func withOwnSecrets() throws(Unreadable) -> Fixture {
        let swap = SecretSwap(given)
        return try Fixture(files, documents.mapValues(swap.swapped))
    }

    private init(_ files: FixtureFiles, _ documents: [String: JSON]) throws(Unreadable) {
        // Every file that is asked for was read before.
        (given, steps) = try Self.parts(of: files) { file, _ in documents[file] ?? .null }
        self.files = files
        self.documents = documents
    }

    private static func parts(of files: FixtureFiles, _ read: @escaping Read) throws(Unreadable) -> (Given, [Step]) {
        try files.kind == .event ? event(files, read) : scenario(files, read)
    }

    private static func event(_ files: FixtureFiles, _ read: Read) throws(Unreadable) -> (Given, [Step]) {
        let hasExpectation = FileManager.default.fileExists(atPath: files.expectation)
        if hasExpectation && !FileManager.default.fileExists(atPath: files.event) {
            throw Unreadable(description: "\(files.expectation): there is no event beside it, \(files.event)")
        }
        var delivery = Delivery(
            event: try located(files.event, isEvent: true, read) { json throws(JSONDocumentError) in
                try Template(json, at: .root, EventReader.request)
            }
        )
        guard hasExpectation else { return (Given(), [.deliver(delivery)]) }
        let (given, expectation) = try located(files.expectation, read, Self.expectation)
        delivery.expectation = expectation
        return (given, [.deliver(delivery)])
    }

    private static func scenario(_ files: FixtureFiles, _ read: @escaping Read) throws(Unreadable) -> (Given, [Step]) {
        guard !FileManager.default.fileExists(atPath: files.event) else {
            throw Unreadable(description: "\(files.expectation): a fixture is a scenario or \(files.event), not both")
        }
        let scenario = try located(files.expectation, read) { json throws(JSONDocumentError) in
            try Scenario(json) { file throws(FixtureError) in try read(files.beside(file), true) }
        }
        return (scenario.given, scenario.steps)
    }

    /// An expectation that stands by itself, and what holds before.
    package static func expectation(_ json: JSON) throws(JSONDocumentError) -> (Given, Template<Expectation>) {
        var object = try JSONObject(json)
        let given = try Given(object["given"] ?? .object([]), at: JSONPointer.root.appending("given"))
        var expectation = json
        if case .object(let members) = json {
            let others = members.filter { member in
                !["given", "$schema"].contains { member.name.hasSameBytes(as: $0) }
            }
            expectation = .object(others)
        }
        return (given, try Template(expectation, at: .root, Expectation.init(_:at:)))
    }

    private static func located<Value>(
        _ file: String,
        isEvent: Bool = false,
        _ read: Read,
        _ parse: (JSON) throws(JSONDocumentError) -> Value
    ) throws(Unreadable) -> Value {
        do throws(FixtureError) {
            let json = try read(file, isEvent)
            return try FixtureError.reading(try parse(json))
        } catch {
            throw Unreadable(description: error.description(in: file))
        }
    }
}

/// Gives the keys and tokens of a fixture new values, so that fixtures can share a store though their secrets are fixed.
struct SecretSwap {
    private var new: [String: String] = [:]

    init(_ given: Given) {
        let bits: RandomBits = { .random(in: 0 ... .max) }
        for organization in given.organizations {
            guard let old = organization.tag else { continue }
            let tag = Tag.random(bits)
            for prefix in Secrets.prefixes { new["\(prefix)\(old)"] = "\(prefix)\(tag)" }
            for key in organization.keys { new[key.secret] = APIKey.random(tag: tag, bits).text }
            for token in organization.tokens { new[token.text] = StreamToken.random(tag: tag, bits).text }
        }
    }

    /// A file's JSON with the new secrets in place of the old ones, wherever in a text they stand. What begins with a tag
    /// alone, such as a pattern of a token, gets the new tag; a whole secret that is not given stays as it is.
    func swapped(_ json: JSON) -> JSON {
        json.mapTexts(names: swapped) { .string(swapped($0)) }
    }

    private func swapped(_ text: String) -> String {
        Secrets.replaced(in: text, longerThan: 0) { new[$0] ?? $0 }
    }
}
