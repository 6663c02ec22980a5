import Glibc

/// What is at a path. A path that may not be looked up is `hidden`, which is not the same as `nothing`.
package enum PathKind: Sendable {
    case file
    case folder
    /// For example a pipe or a device.
    case other
    case nothing
    /// Cannot be looked up, for this reason: mostly a folder on the way that may not be searched.
    case hidden(Input.Unreadable)

    /// Links are followed.
    package init(_ path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else {
            // A name longer than the file system allows cannot exist either.
            self = [ENOENT, ENOTDIR, ENAMETOOLONG].contains(errno) ? .nothing : .hidden(Input.Unreadable(code: errno))
            return
        }
        switch information.st_mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        default: self = .other
        }
    }

    /// The paths of all files below a folder, each beginning with the folder's path. Links to folders are not followed.
    package static func files(below folder: String) throws(UnreadableFolder) -> [String] {
        guard let stream = opendir(folder) else { throw UnreadableFolder(path: folder, code: errno) }
        defer { closedir(stream) }
        var files: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                // Within bounds: readdir(3) ends the name with a NUL within the entry.
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            guard name != ".", name != ".." else { continue }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var information = stat()
            guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
                files.append(path)
                continue
            }
            do throws(UnreadableFolder) {
                files += try Self.files(below: path)
            } catch {
                // The folder may have been removed meanwhile.
                if error.code != ENOENT { throw error }
            }
        }
        return files
    }

    package struct UnreadableFolder: Error, CustomStringConvertible {
        fileprivate let path: String
        fileprivate let code: Int32

        package var description: String { "\(path): cannot be read: \(String(cString: strerror(code)))" }
    }
}
