import Glibc

/// Bytes that come from outside, never more of them than their reader takes.
enum Input {
    /// The descriptor's bytes to their end; one more than `limit` where there are more. Throws what `read(2)` says.
    static func read(_ descriptor: Int32, upTo limit: Int) throws(Unreadable) -> [UInt8] {
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

    /// The same of a file.
    static func read(file: String, upTo limit: Int) throws(Unreadable) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable(code: errno) }
        defer { close(descriptor) }
        return try read(descriptor, upTo: limit)
    }

    struct Unreadable: Error, CustomStringConvertible {
        /// As `errno` has it.
        let code: Int32

        var description: String { "cannot be read: \(String(cString: strerror(code)))" }
    }
}
