import FoundationEssentials
import FunctionEventLoop
import Glibc

/// Tells what changes in some folders and all below them (inotify(7)).
final class FolderWatch: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone, which tasks that start there never leave.
    private let descriptor: Int32
    private let clock: LoopClock
    private var source: ReadableSource?
    private let roots: Set<String>
    /// The folders that are watched, by the kernel's number of the watch; the same folder may be there by two names.
    private var folders: [Int32: Set<String>] = [:]
    private var changes: Set<String> = []
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// A file counts when it has been written and closed, so that no half of one is read.
    private static let mask =
        UInt32(IN_CLOSE_WRITE) | UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO)
        | UInt32(IN_ONLYDIR)

    /// Watches each of `roots`, and the folder it lies in, which tells when it comes and goes.
    init(_ roots: [String], on loop: EventLoop) throws(SystemError) {
        self.roots = Set(roots.map(Self.plain))
        clock = LoopClock(loop)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("inotify_init1") }
        source = try ReadableSource(descriptor, on: loop) { [unowned self] in self.read() }
        for root in self.roots {
            if let parent = Self.parent(of: root) { try watch(parent) }
            try watchAll(below: root)
        }
    }

    func end() {
        source?.cancel()
        source = nil
        signal.finish()
        close(descriptor)
    }

    /// Waits for changes and tells them, files and folders by path; nil when it was ended or the task cancelled.
    func next() async -> Set<String>? {
        var iterator = signals.makeAsyncIterator()
        repeat {
            guard await iterator.next() != nil else { return nil }
            // What belongs together, such as a rename's two halves, comes at once.
            guard (try? await clock.sleep(for: .milliseconds(5))) != nil else { return nil }
        } while changes.isEmpty
        return take()
    }

    /// The changes since the last ones that were told.
    func take() -> Set<String> {
        if source != nil { read() }
        defer { changes = [] }
        return changes
    }

    /// The path as it is told: without a `./` before it, and without a slash at its end.
    static func plain(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("./"), path.count > 2 { path = path.dropFirst(2) }
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }

    /// The folder that a path lies in; nil where its name does not tell.
    static func parent(of path: String) -> String? {
        guard ![".", "..", "/"].contains(path) else { return nil }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func watchAll(below folder: String) throws(SystemError) {
        // Before it is looked into, so that nothing new is missed.
        guard try watch(folder) else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = Self.join(folder, name)
            var information = stat()
            if lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR { try watchAll(below: path) }
        }
    }

    /// False if there is no such folder, or no more.
    @discardableResult
    private func watch(_ folder: String) throws(SystemError) -> Bool {
        let number = inotify_add_watch(descriptor, folder, Self.mask)
        guard number < 0 else {
            folders[number, default: []].insert(folder)
            return true
        }
        guard [ENOENT, ENOTDIR, EACCES].contains(errno) else { throw SystemError("inotify_add_watch") }
        return false
    }

    private func forget(_ folder: String) {
        for (number, paths) in folders {
            let left = paths.filter { $0 != folder && !$0.hasPrefix(folder + "/") }
            guard left.count < paths.count else { continue }
            folders[number] = left.isEmpty ? nil : left
            if left.isEmpty { inotify_rm_watch(descriptor, number) }
        }
    }

    private func read() {
        let size = MemoryLayout<inotify_event>.size
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { bytes in
                var offset = 0
                while offset + size <= count {
                    let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    let name = bytes[(offset + size)..<(offset + size + Int(event.len))].prefix { $0 != 0 }
                    handle(event, String(decoding: name, as: UTF8.self))
                    offset += size + Int(event.len)
                }
            }
        }
        if !changes.isEmpty { signal.yield() }
    }

    private func handle(_ event: inotify_event, _ name: String) {
        func has(_ flags: Int32...) -> Bool { flags.contains { event.mask & UInt32($0) != 0 } }

        if has(IN_Q_OVERFLOW) {
            // Whatever it was: everything below may have changed.
            for root in roots {
                try? watchAll(below: root)
                changes.insert(root)
            }
        }
        if has(IN_IGNORED) { folders[event.wd] = nil }
        guard !name.isEmpty else { return }
        for folder in folders[event.wd] ?? [] {
            let path = Self.join(folder, name)
            guard event.mask & UInt32(IN_ISDIR) != 0 else {
                // A file that was just made is told again when it is closed; a link is there at once.
                if !has(IN_CREATE) || Self.isLink(path) { changes.insert(path) }
                continue
            }
            if has(IN_DELETE, IN_MOVED_FROM) { forget(path) }
            // Beyond what the system lets one watch, a new folder is not.
            if has(IN_CREATE, IN_MOVED_TO), isWithin(path) { try? watchAll(below: path) }
            changes.insert(path)
        }
    }

    private func isWithin(_ path: String) -> Bool {
        roots.contains { $0 == "." || path == $0 || path.hasPrefix($0 == "/" ? $0 : $0 + "/") }
    }

    private static func isLink(_ path: String) -> Bool {
        var information = stat()
        guard lstat(path, &information) == 0 else { return false }
        return information.st_mode & S_IFMT == S_IFLNK || information.st_nlink > 1
    }

    private static func join(_ folder: String, _ name: String) -> String {
        switch folder {
        case ".": name
        case "/": "/" + name
        default: folder + "/" + name
        }
    }
}
