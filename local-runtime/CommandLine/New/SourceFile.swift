import Foundation
import LocalRuntimeConsole

/// A file of the package, and its text.
struct SourceFile: Hashable, Sendable {
    /// From the package's folder on.
    let path: String
    var text: String

    /// Inserts before the only place where `anchor` stands.
    mutating func insert(_ insertion: String, before anchor: String) throws(CommandFailure) {
        let places = text.ranges(of: anchor)
        guard let place = places.first, places.count == 1 else {
            throw .couldNotRun(
                """
                \(path) has changed, and nothing was written: \"\(Self.inALine(insertion))\" belongs before \
                \"\(Self.inALine(anchor))\", which is there \(places.count) times
                """
            )
        }
        text.insert(contentsOf: insertion, at: place.lowerBound)
    }

    private static func inALine(_ text: String) -> String {
        text.split { $0.isWhitespace }.joined(separator: " ")
    }

    /// Inserts an import among those at the file's beginning, in their order.
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
