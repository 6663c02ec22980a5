import FoundationEssentials
package import FunctionCore
import FunctionEventLoop
import LocalRuntimeConsole
import StreamTokens

/// A fixture as values: what holds before, and the steps from there. It is one event with its expectation, or a scenario.
package struct Fixture: Sendable {
    package let given: Given
    package let steps: [Step]
    private let files: FixtureFiles
    /// The JSON of its files, by path.
    private let documents: [String: JSON]
    /// The file of givens that it uses; nil if it uses none.
    private let givensFile: String?

    package var deliveries: [Delivery] { steps.flatMap(\.deliveries) }

    /// Names the file and says what is wrong with it.
    package struct Unreadable: Error {
        package let description: String
    }

    /// Where the documents come from.
    private struct Source {
        let read: (_ file: String, _ isEvent: Bool) throws(FixtureError) -> JSON
        let findGivens: () -> String?

        var givens: GivenReader {
            GivenReader { () throws(FixtureError) in
                guard let path = findGivens() else { return nil }
                return try GivensFile.reading(path) { file throws(FixtureError) in try read(file, false) }
            }
        }
    }

    /// Reads a fixture, each of its files once.
    package init(_ files: FixtureFiles) throws(Unreadable) {
        let documents = Lock<[String: JSON]>([:])
        let givensFile = Lock<String?>(nil)
        let source = Source { file, isEvent throws(FixtureError) in
            if let known = documents.withLock({ $0[file] }) { return known }
            let json = try FixtureFile.json(file, isEvent: isEvent)
            documents.withLock { $0[file] = json }
            return json
        } findGivens: {
            let found = GivensSearch(from: files.folder).found
            givensFile.withLock { $0 = found }
            return found
        }
        (given, steps) = try Self.parts(of: files, source)
        self.files = files
        self.documents = documents.withLock { $0 }
        self.givensFile = givensFile.withLock { $0 }
    }

    /// The fixture with new keys and tokens. Those in the files are fixed, and would clash in a store that others use.
    package func withOwnSecrets() throws(Unreadable) -> Fixture {
        let swap = SecretSwap(given)
        return try Fixture(files, documents.mapValues(swap.swapped), givensFile)
    }

    private init(_ files: FixtureFiles, _ documents: [String: JSON], _ givensFile: String?) throws(Unreadable) {
        // The first reading has read every file that this one asks for.
        let source = Source { file, _ in
            documents[file] ?? .null
        } findGivens: {
            givensFile
        }
        (given, steps) = try Self.parts(of: files, source)
        self.files = files
        self.documents = documents
        self.givensFile = givensFile
    }

    private static func parts(of files: FixtureFiles, _ source: Source) throws(Unreadable) -> (Given, [Step]) {
        guard !files.hasReservedName else {
            throw Unreadable(description: "\(files.expectation): \(FixtureFiles.reservedName)")
        }
        return try files.kind == .event ? event(files, source) : scenario(files, source)
    }

    private static func event(_ files: FixtureFiles, _ source: Source) throws(Unreadable) -> (Given, [Step]) {
        let hasExpectation = FileManager.default.fileExists(atPath: files.expectation)
        if hasExpectation && !FileManager.default.fileExists(atPath: files.event) {
            throw Unreadable(description: "\(files.expectation): there is no event beside it, \(files.event)")
        }
        var delivery = Delivery(
            event: try located(files.event, isEvent: true, source) { json throws(FixtureError) in
                try FixtureError.reading(try Template(json, at: .root, EventReader.request))
            }
        )
        guard hasExpectation else { return (Given(), [.deliver(delivery)]) }
        let (given, expectation) = try located(files.expectation, source) { json throws(FixtureError) in
            try Self.expectation(json, source.givens)
        }
        delivery.expectation = expectation
        return (given, [.deliver(delivery)])
    }

    private static func scenario(_ files: FixtureFiles, _ source: Source) throws(Unreadable) -> (Given, [Step]) {
        guard !FileManager.default.fileExists(atPath: files.event) else {
            throw Unreadable(description: "\(files.expectation): a fixture is a scenario or \(files.event), not both")
        }
        let scenario = try located(files.expectation, source) { json throws(FixtureError) in
            try Scenario(json, source.givens) { file throws(FixtureError) in
                try source.read(files.beside(file), true)
            }
        }
        return (scenario.given, scenario.steps)
    }

    /// Reads the expectation of an event, and what it says that holds before.
    package static func expectation(
        _ json: JSON,
        _ givens: GivenReader = .withoutFile
    ) throws(FixtureError) -> (Given, Template<Expectation>) {
        guard case .object(let members) = json else {
            throw .content(.shape(.root, reason: "must be an object, not \(json.kind)"))
        }
        let given = try givens.given(of: json)
        let others = members.filter { member in
            !["given", "$schema"].contains { member.name.hasSameBytes(as: $0) }
        }
        let expectation = try FixtureError.reading(
            try Template(.object(others), at: .root, Expectation.init(_:at:))
        )
        return (given, expectation)
    }

    private static func located<Value>(
        _ file: String,
        isEvent: Bool = false,
        _ source: Source,
        _ parse: (JSON) throws(FixtureError) -> Value
    ) throws(Unreadable) -> Value {
        do throws(FixtureError) {
            return try parse(try source.read(file, isEvent))
        } catch {
            throw Unreadable(description: error.description(in: file))
        }
    }
}

/// Gives the keys and tokens of a fixture new values, so that it can share a store with others.
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

    /// A file's JSON with the new secrets in place of the old ones, in texts and members' names. A text that begins with
    /// a tag alone, such as the pattern of a token, gets the new tag. A secret that is not given stays as it is.
    func swapped(_ json: JSON) -> JSON {
        json.mapTexts(names: swapped) { .string(swapped($0)) }
    }

    private func swapped(_ text: String) -> String {
        Secrets.replaced(in: text, longerThan: 0) { new[$0] ?? $0 }
    }
}
