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
    /// Where it stands what is expected.
    package var expectation: String { name + (kind == .event ? Self.expectationEnding : Self.scenarioEnding) }

    package init(name: String, kind: Kind = .event) {
        self.name = name
        self.kind = kind
    }

    /// The fixture that a file belongs to; nil if it is no fixture's.
    package init?(file: String) {
        if file.hasSuffix(Self.scenarioEnding) {
            self.init(name: String(file.dropLast(Self.scenarioEnding.count)), kind: .scenario)
        } else if let ending = [Self.expectationEnding, Self.eventEnding].first(where: file.hasSuffix) {
            self.init(name: String(file.dropLast(ending.count)))
        } else {
            return nil
        }
    }

    /// The fixtures at `paths`, each a folder (with all that lies below it), a file, a fixture's name, or a pattern;
    /// sorted.
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
        case .file, .other: return FixtureFiles(file: path).map { [$0] } ?? []
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

    /// The fixtures whose names or files match a shell's pattern (fnmatch(3)), where `*` stands for folders too.
    private static func matching(_ pattern: String) throws(CommandFailure) -> [FixtureFiles] {
        guard let wildcard = pattern.firstIndex(where: { "*?[".contains($0) }) else { return [] }
        // No fixture lies higher than where the pattern begins to vary.
        let folder = pattern[..<wildcard].lastIndex(of: "/").map { String(pattern[...$0]) }
        let pattern = folder == nil ? "./" + pattern : pattern
        if let folder, case .nothing = PathKind(folder) { return [] }
        return try below(folder ?? ".").filter { files in
            [files.name, files.event, files.expectation].contains { (file: String) in fnmatch(pattern, file, 0) == 0 }
        }
    }

    private static func below(_ folder: String) throws(CommandFailure) -> [FixtureFiles] {
        let folder = String(folder.reversed().drop { $0 == "/" }.reversed())
        do throws(PathKind.UnreadableFolder) {
            return try PathKind.files(below: folder.isEmpty ? "/" : folder).compactMap { FixtureFiles(file: $0) }
        } catch {
            throw .unreadableFixture(error.description)
        }
    }

    /// The files of events that a scenario delivers, as far as it can be read.
    package var deliveredEvents: [String] {
        guard kind == .scenario, let bytes = try? FixtureFile.read(expectation),
            let source = try? JSONReader.document(bytes)
        else { return [] }
        let steps = source.member("steps")?.elements ?? []
        return (steps + steps.flatMap { $0.member("parallel")?.elements ?? [] }).compactMap { step in
            guard case .string(let file)? = step.member("event") else { return nil }
            return beside(file)
        }
    }

    /// The path of a file as a scenario names it.
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

/// The fixtures that a command is asked to work on.
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
    /// The operands, or the folder of the project's own; and the filters, if there are such.
    package init(_ arguments: Arguments) {
        paths = arguments.operands.isEmpty ? ["events/"] : arguments.operands
        filters = arguments.all("--filter")
    }
}

/// A fixture's file, an event or what is expected.
package enum FixtureFile {
    /// The longest, in bytes: an event's, and some more for a scenario.
    package static let sizeLimit = 8 << 20

    /// Reads a file as far as one may be long, so that no file takes more memory than that; a pipe too, if `takesPipes`.
    package static func read(_ path: String, takesPipes: Bool = false) throws(FixtureError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Input.Unreadable) {
            bytes = try Input.read(file: path, upTo: sizeLimit, takesPipes: takesPipes)
        } catch {
            throw .file(reason: error.description)
        }
        return try text(bytes)
    }

    /// What the bytes of a file are to its reader; there may be one more than are taken.
    package static func text(_ bytes: [UInt8]) throws(FixtureError) -> [UInt8] {
        guard bytes.count <= sizeLimit else { throw .file(reason: "longer than \(sizeLimit) bytes") }
        do throws(Input.Unreadable) {
            return try Input.text(bytes)
        } catch {
            throw .file(reason: error.description)
        }
    }

    /// The JSON of a file. `isEvent` where it is as long as events may be.
    package static func json(_ path: String, isEvent: Bool = false) throws(FixtureError) -> JSON {
        let bytes = try read(path)
        guard !isEvent else { return try EventReader.json(bytes) }
        return try FixtureError.reading(try JSONReader.document(bytes))
    }
}
