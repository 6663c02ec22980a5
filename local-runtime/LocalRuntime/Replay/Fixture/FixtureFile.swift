import Glibc

/// A fixture's file as bytes.
enum FixtureFile {
    /// The longest, in bytes: an event's, and some more for a scenario.
    static let sizeLimit = 8 << 20

    /// Reads a file as far as one may be long, so that no file takes more memory than that.
    static func read(_ path: String) throws(FixtureError) -> [UInt8] {
        // A pipe that nobody writes to would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable() }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw unreadable() }
        guard information.st_mode & S_IFMT == S_IFREG else { throw .file(reason: "is no file") }
        let size = Int(information.st_size)
        guard size <= sizeLimit else { throw tooLong }
        var bytes = [UInt8](repeating: 0, count: size + 1)
        var count = 0
        while true {
            let read = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                return Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw unreadable() }
            count += read
            if read == 0 { break }
            // It grows while it is read, or does not tell its size, as those of /proc.
            if count == bytes.count { bytes += repeatElement(0, count: count) }
            guard count <= sizeLimit else { throw tooLong }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    private static let tooLong = FixtureError.file(reason: "longer than \(sizeLimit) bytes")

    private static func unreadable() -> FixtureError {
        .file(reason: "cannot be read: \(String(cString: strerror(errno)))")
    }
}
