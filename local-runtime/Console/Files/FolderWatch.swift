import FoundationEssentials
package import FunctionEventLoop
import Glibc

/// Reports changes in folders and everything below them (inotify(7)).
package final class FolderWatch: @unchecked Sendable {
    // Unchecked: it is used only on its loop's thread, which tasks that start there never leave.
    private let descriptor: Int32
    private let clock: LoopClock
    private var source: ReadableSource?
    private let roots: Set<String>
    private let files: Set<String>
    /// The parents of the roots.
    private let parents: Set<String>
    /// The watched folders by the kernel's watch descriptor. One folder may have several paths.
    private var folders: [Int32: Set<String>] = [:]
    private var changes: Set<String> = []
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// A written file is reported when it is closed, so that nobody reads half of it.
    private static let mask =
        UInt32(IN_CLOSE_WRITE) | UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO)
        | UInt32(IN_ONLYDIR)

    /// Watches each of `roots`, and its parent, which reports when the root itself is made or removed. Also watches each
    /// of `files`, which may be elsewhere.
    package init(_ roots: [String], files: [String] = [], on loop: EventLoop) throws(SystemError) {
        self.roots = Set(roots.map(Self.plain))
        self.files = Set(files.map(Self.plain))
        parents = Set(self.roots.compactMap(Self.parent))
        clock = LoopClock(loop)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("inotify_init1") }
        source = try ReadableSource(descriptor, on: loop) { [unowned self] in self.read() }
        for root in self.roots {
            if let parent = Self.parent(of: root) { try watch(parent) }
            try watchAll(below: root)
        }
        for file in self.files { try watch(Self.parent(of: file) ?? ".") }
    }

    package func end() {
        source?.cancel()
        source = nil
        signal.finish()
        close(descriptor)
    }

    /// Waits for changes and returns the paths of the changed files and folders; nil once the watch has ended or the task
    /// was cancelled.
    package func next() async -> Set<String>? {
        var iterator = signals.makeAsyncIterator()
        repeat {
            guard await iterator.next() != nil else { return nil }
            // Collects changes that belong together, such as the two halves of a rename.
            guard (try? await clock.sleep(for: .milliseconds(5))) != nil else { return nil }
        } while changes.isEmpty
        return take()
    }

    /// The changes since those that were last returned.
    package func take() -> Set<String> {
        if source != nil { read() }
        defer { changes = [] }
        return changes
    }

    /// The path in the form that changes have: without a leading `./` and without a trailing slash.
    package static func plain(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("./"), path.count > 2 { path = path.dropFirst(2) }
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }

    /// The parent folder of a path; nil if the path does not name it.
    package static func parent(of path: String) -> String? {
        guard ![".", "..", "/"].contains(path) else { return nil }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func watchAll(below folder: String) throws(SystemError) {
        // Watch the folder before reading it, so that nothing new is missed.
        guard try watch(folder) else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = Self.join(folder, name)
            var information = stat()
            if lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR { try watchAll(below: path) }
        }
    }

    /// Returns false if the folder does not exist or may not be read.
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
            // Events were lost, so everything may have changed.
            for root in roots {
                try? watchAll(below: root)
                changes.insert(root)
            }
            changes.formUnion(files)
        }
        if has(IN_IGNORED) { folders[event.wd] = nil }
        guard !name.isEmpty else { return }
        for folder in folders[event.wd] ?? [] {
            let path = Self.join(folder, name)
            // In a folder that is watched for one file, others may change all the time.
            guard isWithin(path) || parents.contains(folder) || files.contains(path) else { continue }
            guard event.mask & UInt32(IN_ISDIR) != 0 else {
                // A new file is reported again when it is closed. A new link has no such event.
                if !has(IN_CREATE) || Self.isLink(path) { changes.insert(path) }
                continue
            }
            if has(IN_DELETE, IN_MOVED_FROM) { forget(path) }
            // Failing is accepted: beyond the system's limit of watches a new folder is not watched.
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
