import Foundation

/// The files of one fixture: `NAME.json`, its event, and `NAME.expect.json`.
struct FixtureFiles: Hashable, Sendable {
    /// The path without endings.
    let name: String

    private static let expectationEnding = ".expect.json"
    private static let eventEnding = ".json"

    var event: String { name + Self.eventEnding }
    var expectation: String { name + Self.expectationEnding }

    init(name: String) {
        self.name = name
    }

    /// The fixture that a file belongs to; nil if it is no fixture's.
    private init?(file: String) {
        guard let ending = [Self.expectationEnding, Self.eventEnding].first(where: file.hasSuffix) else { return nil }
        name = String(file.dropLast(ending.count))
    }

    /// The fixtures at `paths`, each a folder (with all that lies below it), a file, or a fixture's name; sorted.
    static func find(_ paths: [String]) throws(CommandFailure) -> [FixtureFiles] {
        var found: Set<FixtureFiles> = []
        for path in paths {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
                found.formUnion(isFolder.boolValue ? below(path) : [FixtureFiles(file: path)].compactMap(\.self))
            } else if FileManager.default.fileExists(atPath: FixtureFiles(name: path).event) {
                found.insert(FixtureFiles(name: path))
            } else {
                throw CommandFailure(exitCode: .unreadableFixture, message: "\(path): no such file or folder")
            }
        }
        guard !found.isEmpty else {
            throw CommandFailure(
                exitCode: .unreadableFixture,
                message: "no fixture in \(paths.joined(separator: ", ")): they are files NAME.json and NAME.expect.json"
            )
        }
        return found.sorted { $0.name < $1.name }
    }

    private static func below(_ folder: String) -> [FixtureFiles] {
        let folder = String(folder.reversed().drop { $0 == "/" }.reversed())
        let files = (try? FileManager.default.subpathsOfDirectory(atPath: folder.isEmpty ? "/" : folder)) ?? []
        return files.compactMap { FixtureFiles(file: "\(folder)/\($0)") }
    }
}
