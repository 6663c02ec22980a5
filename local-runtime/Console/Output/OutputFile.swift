package import Glibc

/// Writes a file completely or not at all.
package enum OutputFile {
    /// A file that could not be written, with the system's reason.
    package struct Unwritable: Error, CustomStringConvertible {
        package let path: String
        package let reason: String

        package var description: String { "\(path) cannot be written: \(reason)" }

        fileprivate init(_ path: String, _ code: Int32) {
            self.path = path
            let folder = OutputFile.folder(of: path)
            if code == ENOENT, case .nothing = PathKind(folder) {
                reason = "there is no folder \(folder)"
            } else {
                reason = String(cString: strerror(code))
            }
        }
    }

    /// Replaces the file at the path and keeps its permissions. A symbolic link stays, and its target is replaced;
    /// anything other than a regular file, such as /dev/stdout, is written to in place.
    package static func write(_ bytes: some Collection<UInt8>, to path: String) throws(Unwritable) {
        try check(path)
        var information = stat()
        let exists = stat(path, &information) == 0
        guard !exists || information.st_mode & S_IFMT == S_IFREG else {
            return try write(Array(bytes), at: path, O_WRONLY | O_CLOEXEC, as: path)
        }
        var resolved = [CChar](repeating: 0, count: Int(PATH_MAX))
        let target = exists && realpath(path, &resolved) != nil ? text(resolved) : path
        // The ending keeps everybody from taking it for a fixture or a source.
        let temporary = "\(folder(of: target))/.\(UInt64.random(in: 0 ... .max)).new"
        do throws(Unwritable) {
            try create(Array(bytes), at: temporary, mode: exists ? information.st_mode & 0o7777 : 0o666, as: path)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, target) == 0 else {
            let code = errno
            unlink(temporary)
            throw Unwritable(path, code)
        }
    }

    /// Writes a file that must not exist yet. An error names `path`, if it is given, instead of `file`.
    package static func create(
        _ bytes: [UInt8],
        at file: String,
        mode: mode_t = 0o666,
        as path: String? = nil
    ) throws(Unwritable) {
        try write(bytes, at: file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode: mode, as: path ?? file)
    }

    /// Throws if the path cannot be written to, as far as that is known before writing.
    package static func check(_ path: String) throws(Unwritable) {
        switch PathKind(path) {
        case .folder: throw Unwritable(path, EISDIR)
        case .file, .other:
            guard access(path, W_OK) == 0 else { throw Unwritable(path, errno) }
        case .nothing, .hidden:
            let folder = folder(of: path)
            switch PathKind(folder) {
            case .file, .other: throw Unwritable(path, ENOTDIR)
            case .folder, .nothing, .hidden:
                guard access(folder, W_OK | X_OK) == 0 else { throw Unwritable(path, errno) }
            }
        }
    }

    /// Creates a folder and its parents, unless it exists.
    package static func makeFolder(_ path: String) throws(Unwritable) {
        if mkdir(path, 0o777) == 0 { return }
        let code = errno
        if code == EEXIST, case .folder = PathKind(path) { return }
        let parent = folder(of: path)
        guard code == ENOENT, parent != path, parent != "." else { throw Unwritable(path, code) }
        try makeFolder(parent)
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw Unwritable(path, errno) }
    }

    fileprivate static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func write(
        _ bytes: [UInt8],
        at file: String,
        _ flags: Int32,
        mode: mode_t? = nil,
        as path: String
    ) throws(Unwritable) {
        let descriptor = open(file, flags, mode ?? 0)
        guard descriptor >= 0 else { throw Unwritable(path, errno) }
        var code: Int32 = 0
        // Set the replaced file's mode explicitly, because the process' umask was applied by open(2).
        if let mode, mode != 0o666, fchmod(descriptor, mode) != 0 { code = errno }
        var rest = bytes[...]
        while code == 0, !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { rest.removeFirst(count) } else if errno != EINTR { code = errno }
        }
        // Some file systems report a lack of space only on close(2).
        if close(descriptor) != 0, code == 0 { code = errno }
        guard code == 0 else { throw Unwritable(path, code) }
    }
}
