import Glibc

/// Reads bytes from outside, never more than the caller's limit.
package enum Input {
    /// Reads the descriptor to its end. Returns `limit` + 1 bytes if there are more than `limit`. Throws read(2)'s error.
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

    /// Reads the file at `path` in the same way. With `takesPipes` it reads anything that is not a folder; it then waits
    /// for as long as a pipe has no writer.
    package static func read(file path: String, upTo limit: Int, takesPipes: Bool) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (takesPipes ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw Unreadable(code: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw Unreadable(code: errno) }
        let kind = information.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw Unreadable(description: "is a folder, not a file") }
        guard takesPipes || kind == S_IFREG else { throw Unreadable(description: "is not a regular file") }
        return try read(descriptor, upTo: limit)
    }

    /// The byte order mark that some editors write before UTF-8 (RFC 3629, section 6).
    package static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// A JSON text without a byte order mark. Throws if its encoding is UTF-16 or UTF-32.
    package static func text(_ bytes: [UInt8]) throws(Unreadable) -> [UInt8] {
        if bytes.starts(with: mark) { return Array(bytes.dropFirst(mark.count)) }
        // A JSON text begins with two ASCII characters or is a single one, so a NUL among its first bytes shows UTF-16 or
        // UTF-32.
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

        /// `code` is a value of `errno`.
        package init(code: Int32) {
            self.init(description: "cannot be read: \(String(cString: strerror(code)))")
        }
    }
}
