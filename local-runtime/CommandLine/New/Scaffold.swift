import FoundationEssentials
import LocalRuntimeConsole

/// The files of a new function in the package, all prepared before the first one is written.
struct Scaffold: Sendable {
    let created: [SourceFile]
    let changed: [SourceFile]
    private let root: String
    private let folders: [String]
    private let originals: [SourceFile]

    private static let manifest = "Package.swift"
    private static let list = "local-runtime/Harness/Functions/PackageFunction.swift"
    private static let description = "local-runtime/CommandLine/OpenAPI/openapi.json"

    /// Prepares `function` for the package in the folder `root`. Throws if the function's name or path is taken.
    init(_ function: NewFunction, in root: String) throws(CommandFailure) {
        let manifest = try Self.read(Self.manifest, in: root)
        guard manifest.text.contains("name: \"stream-token\"") else { throw Self.notHere }
        let list = try Self.read(Self.list, in: root)
        try Self.refuseTakenNames(function, manifest, in: root)
        try Self.refuseTakenPath(function, in: root)
        self.root = root
        folders = function.folders
        created = function.files
        let description = try Self.read(Self.description, in: root)
        originals = [description, list, manifest]
        changed = [
            try function.addDescription(to: description),
            try function.addToList(in: list),
            try function.addTargets(to: manifest),
        ]
    }

    private static let notHere = CommandFailure.couldNotRun(
        "this is not the folder of stream-token's Package.swift: run the command there"
    )

    private static func read(_ path: String, in root: String) throws(CommandFailure) -> SourceFile {
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)"),
            let text = String(validating: data, as: UTF8.self)
        else { throw notHere }
        return SourceFile(path: path, text: text)
    }

    /// Compares names without case, because some file systems do.
    private static func refuseTakenNames(
        _ function: NewFunction,
        _ manifest: SourceFile,
        in root: String
    ) throws(CommandFailure) {
        for folder in function.folders {
            let url = URL(fileURLWithPath: "\(root)/\(folder)")
            let parent = url.deletingLastPathComponent().path
            let there = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
            if there.contains(where: { $0.lowercased() == url.lastPathComponent.lowercased() }) {
                throw .usage("NAME cannot be \(function.name): \(folder) exists already")
            }
        }
        let targets = manifest.text.matches(of: /(?:library|executable|tests)\(\s*"([^"]+)"|name: "([^"]+)"/)
            .compactMap { $0.1 ?? $0.2 }
        let own = [function.name, function.module, function.module + "Tests", "StreamTokens" + function.executable].map
        { $0.lowercased() }
        if let target = targets.first(where: { own.contains($0.lowercased()) }) {
            throw .usage("NAME cannot be \(function.name): \(manifest.path) has \(target) already")
        }
    }

    /// Reads the sources, because the package may have functions that this program was built without.
    private static func refuseTakenPath(_ function: NewFunction, in root: String) throws(CommandFailure) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/functions")) ?? []
        for name in names {
            let folder = "functions/\(name)/Handler"
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
            for file in files where file.hasSuffix(".swift") {
                let text = FileManager.default.contents(atPath: "\(root)/\(folder)/\(file)") ?? Data()
                if String(decoding: text, as: UTF8.self).contains("path = \"\(function.path)\"") {
                    throw .usage("\(function.path) is already served by the function \(name)")
                }
            }
        }
    }

    /// Writes all files, or leaves the package as it was.
    func write() throws(CommandFailure) {
        var made: [String] = []
        do {
            for folder in folders {
                // Fails if the folder was made meanwhile.
                try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: false)
                made.append(folder)
            }
            for file in created {
                try FileManager.default.createDirectory(
                    at: url(file).deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try OutputFile.write(file.text.utf8, to: url(file).path)
            }
            for file in changed { try OutputFile.write(file.text.utf8, to: url(file).path) }
        } catch {
            for folder in made { try? FileManager.default.removeItem(atPath: "\(root)/\(folder)") }
            for file in originals { try? OutputFile.write(file.text.utf8, to: url(file).path) }
            let reason = (error as? OutputFile.Unwritable)?.description ?? error.fileCause
            throw .couldNotRun("the package was not changed: \(reason)")
        }
    }

    private func url(_ file: SourceFile) -> URL {
        URL(fileURLWithPath: "\(root)/\(file.path)")
    }
}

/// A file of the package, and its text.
struct SourceFile: Hashable, Sendable {
    /// Relative to the package's folder.
    let path: String
    var text: String

    /// Inserts before `anchor`, which must occur exactly once.
    mutating func insert(_ insertion: String, before anchor: String) throws(CommandFailure) {
        let places = text.ranges(of: anchor)
        guard let place = places.first, places.count == 1 else {
            throw .couldNotRun(
                """
                \(path) has changed, and nothing was written: \"\(Self.inALine(insertion))\" belongs before \
                \"\(Self.inALine(anchor))\", which occurs \(places.count) times
                """
            )
        }
        text.insert(contentsOf: insertion, at: place.lowerBound)
    }

    private static func inALine(_ text: String) -> String {
        text.split { $0.isWhitespace }.joined(separator: " ")
    }

    /// Inserts an import into the sorted imports at the beginning of the file.
    mutating func insertImport(of module: String) throws(CommandFailure) {
        let line = "import \(module)\n"
        let imports = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.contains("import ") }
        guard let last = imports.last else {
            throw .couldNotRun("\(path) has changed: it does not begin with imports; nothing was written")
        }
        let place =
            imports.first { $0.trimmingPrefix("package ") > line.dropLast() }?.startIndex
            ?? text.index(after: last.endIndex)
        text.insert(contentsOf: line, at: place)
    }
}
