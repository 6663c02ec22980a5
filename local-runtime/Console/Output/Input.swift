import Glibc

/// Bytes that come from outside, never more of them than their reader takes.
package enum Input {
    /// The descriptor's bytes to their end; one more than `limit` where there are more. Throws what `read(2)` says.
    package static func read(_ descriptor: Int32, upTo limit: Int) throws(Unreadable) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= limit {
            let most = min(chunk.count, limit + 1 - bytes.count)
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, most) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(code: errno) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// The same of what is at `path`: of a file or, if `takesPipes`, of whatever it is. A pipe that nobody writes to would
    /// be waited for.
    package static func read(file path: String, upTo limit: Int, takesPipes: Bool) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (takesPipes ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw Unreadable(code: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw Unreadable(code: errno) }
        let kind = information.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw Unreadable(description: "is a folder, and no file") }
        guard takesPipes || kind == S_IFREG else { throw Unreadable(description: "is no file") }
        return try read(descriptor, upTo: limit)
    }

    /// What stands before UTF-8 where an editor marks it (RFC 3629, section 6).
    package static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// A JSON text as its reader takes it: without a mark before it. Throws where it is of another encoding than UTF-8.
    package static func text(_ bytes: [UInt8]) throws(Unreadable) -> [UInt8] {
        if bytes.starts(with: mark) { return Array(bytes.dropFirst(mark.count)) }
        // JSON begins with two characters of ASCII, or is one alone.
        let isWide =
            bytes.prefix(2).contains(0) || bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        guard !isWide else { throw Unreadable(description: "is UTF-16 or UTF-32: save it as UTF-8") }
        return bytes
    }

    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }

        /// `code` is as `errno` has it.
        package init(code: Int32) {
            self.init(description: "cannot be read: \(String(cString: strerror(code)))")
        }
    }
}
