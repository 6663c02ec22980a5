package import FunctionCore
package import LocalRuntimeConsole

/// The operand of a command that delivers an event or a scenario.
package enum FixtureInput: Sendable {
    case event(EventInput)
    case scenario(FixtureFiles)

    /// Its name in the help.
    package static let operand = "EVENT"
    /// Its description in the help.
    package static let help = """
        EVENT is an event's file, NAME.json or NAME alone, or - for standard input, in the
        short form or as AWS sends it; or a scenario, NAME.scenario.json or NAME alone, whose
        events are delivered one after the other. The format is in events/README.md.
        """

    private static let eventEnding = ".json"
    private static let expectationEnding = ".expect.json"
    private static let scenarioEnding = ".scenario.json"

    package init(_ word: String, _ console: Console) throws(CommandFailure) {
        if word == "-" {
            self = .event(try EventInput(console))
        } else if word.hasSuffix(Self.expectationEnding) {
            let event = word.dropLast(Self.expectationEnding.count) + Self.eventEnding
            throw .unreadableFixture("\(word): is an expectation, not an event; give \(event)")
        } else if word.hasSuffix(Self.scenarioEnding) {
            self = .scenario(.init(name: String(word.dropLast(Self.scenarioEnding.count)), kind: .scenario))
        } else if try Self.isThere(word) {
            self = .event(try EventInput(file: word))
        } else if try Self.isThere(word + Self.eventEnding) {
            self = .event(try EventInput(file: word + Self.eventEnding))
        } else if try Self.isThere(word + Self.scenarioEnding) {
            self = .scenario(.init(name: word, kind: .scenario))
        } else if case .folder = PathKind(word) {
            throw .unreadableFixture("\(word): is a folder; name one event, or run local-runtime replay for all")
        } else {
            throw .unreadableFixture("\(word): no such event, nor \(word).json or \(word).scenario.json")
        }
    }

    /// Whether there is a file or a pipe at the path.
    private static func isThere(_ path: String) throws(CommandFailure) -> Bool {
        switch PathKind(path) {
        case .file, .other: true
        case .folder, .nothing: false
        case .hidden(let reason): throw .unreadableFixture("\(path): \(reason)")
        }
    }
}

/// An event from a file or from standard input.
package struct EventInput: Sendable {
    /// Its name in messages.
    package let name: String
    package let bytes: [UInt8]
    /// The expectation beside it, if there is one.
    package let expectationFile: String?

    fileprivate init(_ console: Console) throws(CommandFailure) {
        name = "standard input"
        let given: [UInt8]
        do throws(Input.Unreadable) {
            given = try console.readAll(FixtureFile.sizeLimit)
        } catch {
            throw .unreadableFixture("\(name): \(error)")
        }
        bytes = try Self.reading(name) { () throws(FixtureError) in try FixtureFile.text(given) }
        expectationFile = nil
    }

    fileprivate init(file: String) throws(CommandFailure) {
        guard !GivensFile.isPath(file) else { throw .unreadableFixture("\(file): holds givens, and is no event") }
        name = file
        bytes = try Self.reading(file) { () throws(FixtureError) in try FixtureFile.read(file, takesPipes: true) }
        let beside = (file.hasSuffix(".json") ? String(file.dropLast(5)) : file) + ".expect.json"
        if case .nothing = PathKind(beside) { expectationFile = nil } else { expectationFile = beside }
    }

    /// The request in the event.
    package func request() throws(CommandFailure) -> Request {
        try Self.reading(name) { () throws(FixtureError) in try EventReader.read(bytes) }
    }

    private static func reading<Value>(
        _ name: String,
        _ read: () throws(FixtureError) -> Value
    ) throws(CommandFailure) -> Value {
        do throws(FixtureError) {
            return try read()
        } catch {
            throw .unreadableFixture(error.description(in: name))
        }
    }
}
