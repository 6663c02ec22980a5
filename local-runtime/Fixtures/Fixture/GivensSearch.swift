import Glibc
import LocalRuntimeConsole

/// Finds the file of givens that a folder's fixtures use: the nearest `givens.json`, in the folder itself or above it.
///
/// What a name means must not depend on where a command is run or on what it is asked to run, so the search goes on
/// above both. It ends at a repository's top or at the root.
package struct GivensSearch: Sendable {
    /// Every path that was looked at, nearest first. A file that comes or goes at one of them changes the result.
    package let paths: [String]
    /// Nil if there is no such file. The file may still be unreadable.
    package let found: String?

    /// `folder` is empty for the current one.
    package init(from folder: String) {
        var (folder, paths) = (folder, [String]())
        while true {
            let path = Self.join(folder, GivensFile.name)
            paths.append(path)
            if Self.exists(path) {
                self.paths = paths
                found = path
                return
            }
            guard !Self.isTop(folder) else { break }
            folder = Self.above(folder)
        }
        self.paths = paths
        found = nil
    }

    private static func exists(_ path: String) -> Bool {
        if case .nothing = PathKind(path) { false } else { true }
    }

    private static func isTop(_ folder: String) -> Bool {
        if exists(join(folder, ".git")) { return true }
        var (own, parent) = (stat(), stat())
        guard stat(join(folder, "."), &own) == 0, stat(join(folder, ".."), &parent) == 0 else { return true }
        // Only the root is its own parent.
        return own.st_dev == parent.st_dev && own.st_ino == parent.st_ino
    }

    /// The parent by the path alone, so that messages show it as short as it can be.
    private static func above(_ folder: String) -> String {
        var path = folder[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let slash = path.lastIndex(of: "/")
        let last = slash.map { path[path.index(after: $0)...] } ?? path
        if path == "." { return ".." }
        if ["", ".", ".."].contains(last) { return join(String(path), "..") }
        guard let slash else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
