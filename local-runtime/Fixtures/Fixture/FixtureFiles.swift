package import FoundationEssentials
package import FunctionCore
import Glibc
package import LocalRuntimeConsole

/// The files of one fixture: `NAME.json`, its event, and `NAME.expect.json`; or `NAME.scenario.json` alone.
package struct FixtureFiles: Hashable, Sendable {
    package enum Kind: Sendable {
        case event
        case scenario
    }

    /// The path without endings.
    package let name: String
    package let kind: Kind

    private static let expectationEnding = ".expect.json"
    private static let scenarioEnding = ".scenario.json"
    private static let eventEnding = ".json"

    package var event: String { name + Self.eventEnding }
    /// The file that says what is expected: of one event, or in a scenario.
    package var expectation: String { name + (kind == .event ? Self.expectationEnding : Self.scenarioEnding) }

    package init(name: String, kind: Kind = .event) {
        self.name = name
        self.kind = kind
    }

    /// The fixture that a file belongs to; nil if it belongs to none, as a file of givens does.
    package init?(file: String) {
        if GivensFile.isPath(file) {
            return nil
        } else if file.hasSuffix(Self.scenarioEnding) {
            self.init(name: String(file.dropLast(Self.scenarioEnding.count)), kind: .scenario)
        } else if let ending = [Self.expectationEnding, Self.eventEnding].first(where: file.hasSuffix) {
            self.init(name: String(file.dropLast(ending.count)))
        } else {
            return nil
        }
    }

    /// Whether its event would be a file of givens.
    var hasReservedName: Bool { GivensFile.isPath(event) }

    static let reservedName = "a fixture cannot have this name: \(GivensFile.name) is a file of givens"

    /// The folder of its files, as the path has it: empty for the current one.
    package var folder: String {
        guard let slash = name.lastIndex(of: "/") else { return "" }
        return slash == name.startIndex ? "/" : String(name[..<slash])
    }

    /// The fixtures at `paths`, sorted. A path is a folder (with everything below it), a file, a fixture's name, or a
    /// pattern.
    package static func find(_ paths: [String]) throws(CommandFailure) -> [FixtureFiles] {
        var found: Set<FixtureFiles> = []
        for path in paths { found.formUnion(try find(path)) }
        guard !found.isEmpty else {
            throw .unreadableFixture(
                "no fixture in \(paths.joined(separator: ", ")): "
                    + "they are files NAME.json and NAME.expect.json, or NAME.scenario.json"
            )
        }
        return found.sorted { $0.name < $1.name }
    }

    private static func find(_ path: String) throws(CommandFailure) -> [FixtureFiles] {
        switch PathKind(path) {
        case .folder: return try below(path)
        case .file, .other:
            guard !GivensFile.isPath(path) else {
                throw .unreadableFixture("\(path): holds givens; name the fixtures that use them, or their folder")
            }
            return FixtureFiles(file: path).map { [$0] } ?? []
        case .hidden(let reason): throw .unreadableFixture("\(path): \(reason)")
        case .nothing: break
        }
        let named = [FixtureFiles(name: path), FixtureFiles(name: path, kind: .scenario)].filter {
            FileManager.default.fileExists(atPath: $0.kind == .event ? $0.event : $0.expectation)
        }
        guard named.isEmpty else { return named }
        let matching = try matching(path)
        guard matching.isEmpty else { return matching }
        throw .unreadableFixture("\(path): no such file or folder, nor a pattern of any")
    }

    /// The fixtures whose name or file matches a shell pattern (fnmatch(3)). `*` matches slashes too.
    private static func matching(_ pattern: String) throws(CommandFailure) -> [FixtureFiles] {
        guard let wildcard = pattern.firstIndex(where: { "*?[".contains($0) }) else { return [] }
        // All matches are in the folder before the first wildcard, or below it.
        let folder = pattern[..<wildcard].lastIndex(of: "/").map { String(pattern[...$0]) }
        let pattern = folder == nil ? "./" + pattern : pattern
        if let folder, case .nothing = PathKind(folder) { return [] }
        return try below(folder ?? ".").filter { files in
            [files.name, files.event, files.expectation].contains { (file: String) in fnmatch(pattern, file, 0) == 0 }
        }
    }

    private static func below(_ folder: String) throws(CommandFailure) -> [FixtureFiles] {
        try files(below: folder).compactMap { FixtureFiles(file: $0) }
    }

    /// Every file below a folder.
    static func files(below folder: String) throws(CommandFailure) -> [String] {
        let folder = String(folder.reversed().drop { $0 == "/" }.reversed())
        do throws(PathKind.UnreadableFolder) {
            return try PathKind.files(below: folder.isEmpty ? "/" : folder)
        } catch {
            throw .unreadableFixture(error.description)
        }
    }

    /// The name of the given that it is or changes; nil if it names none, or cannot be read.
    package var givenName: String? {
        switch (try? FixtureFile.json(expectation))?.member("given") {
        case .string(let name)?: return name
        case let given?:
            guard case .string(let name)? = given.member("is") else { return nil }
            return name
        case nil: return nil
        }
    }

    /// The event files that a scenario delivers; none if it cannot be read.
    package var deliveredEvents: [String] {
        guard kind == .scenario, let source = try? FixtureFile.json(expectation) else { return [] }
        let steps = source.member("steps")?.elements ?? []
        return (steps + steps.flatMap { $0.member("parallel")?.elements ?? [] }).compactMap { step in
            guard case .string(let file)? = step.member("event") else { return nil }
            return beside(file)
        }
    }

    /// The path of a file that the scenario names.
    package func beside(_ file: String) -> String {
        name.lastIndex(of: "/").map { name[...$0] + file } ?? file
    }
}

extension FileManager {
    package func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }
}

/// The fixtures that a command works on.
package struct FixtureChoice: Sendable {
    package let paths: [String]
    package let filters: [String]

    package static let filterOption = CommandSyntax.Option(
        name: "--filter",
        value: "TEXT",
        summary: "Only fixtures whose name contains TEXT; may be repeated",
        isRepeatable: true
    )

    package func holds(_ files: FixtureFiles) -> Bool {
        filters.isEmpty || filters.contains { files.name.contains($0) }
    }
}

extension FixtureChoice {
    /// The operands, otherwise the project's own folder, and the values of `--filter`.
    package init(_ arguments: Arguments) {
        paths = arguments.operands.isEmpty ? ["events/"] : arguments.operands
        filters = arguments.all("--filter")
    }
}

/// Reads the files of fixtures.
package enum FixtureFile {
    /// The longest file, in bytes: an event's limit, and some more for a scenario.
    package static let sizeLimit = 8 << 20

    /// Reads at most ``sizeLimit`` bytes and one more, so that no file takes more memory. Pipes only if `takesPipes`.
    package static func read(_ path: String, takesPipes: Bool = false) throws(FixtureError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Input.Unreadable) {
            bytes = try Input.read(file: path, upTo: sizeLimit, takesPipes: takesPipes)
        } catch {
            throw .file(reason: error.description)
        }
        return try text(bytes)
    }

    /// Checks the length of a file's bytes, and removes a mark before the text.
    package static func text(_ bytes: [UInt8]) throws(FixtureError) -> [UInt8] {
        guard bytes.count <= sizeLimit else { throw .file(reason: "longer than \(sizeLimit) bytes") }
        do throws(Input.Unreadable) {
            return try Input.text(bytes)
        } catch {
            throw .file(reason: error.description)
        }
    }

    /// The JSON of a file. With `isEvent` the limit is that of events.
    package static func json(_ path: String, isEvent: Bool = false) throws(FixtureError) -> JSON {
        let bytes = try read(path)
        guard !isEvent else { return try EventReader.json(bytes) }
        return try FixtureError.reading(try JSONReader.document(bytes))
    }
}
