import Glibc

/// Where a command reads and writes, so that a test can stand in for the terminal.
package struct Console: Sendable {
    /// What the command is asked for, and nothing else: scripts read it.
    package let output: Output
    /// All that is said to a person.
    package let messages: Output
    package let environment: [String: String]
    /// Whether a person can be asked something.
    package var inputIsTerminal = false
    /// Whether it is the process' own, whose signals are then a command's.
    package var isOfProcess = false
    /// A line of standard input, without its end; nil if there is none.
    package let readLine: @Sendable () -> String?
    /// All of standard input; one byte more than `limit` where there is more.
    package var readAll: @Sendable (_ limit: Int) throws(Input.Unreadable) -> [UInt8] = {
        limit throws(Input.Unreadable) in
        try Input.read(STDIN_FILENO, upTo: limit)
    }

    /// The process' own.
    package static func standard(environment: [String: String]) -> Console {
        // https://no-color.org: any value but an empty one.
        let allowsColor = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        return Console(
            output: Output(descriptor: STDOUT_FILENO, allowsColor: allowsColor),
            messages: Output(descriptor: STDERR_FILENO, allowsColor: allowsColor),
            environment: environment,
            inputIsTerminal: isatty(STDIN_FILENO) == 1,
            isOfProcess: true,
            readLine: { Swift.readLine() }
        )
    }
}

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

    /// The same of the file at `path` or, if `takesPipes`, of whatever is there: a pipe is waited for until it is written.
    package static func read(file path: String, upTo limit: Int, takesPipes: Bool) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (takesPipes ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw Unreadable(code: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw Unreadable(code: errno) }
        guard takesPipes || information.st_mode & S_IFMT == S_IFREG else { throw Unreadable(description: "is no file") }
        return try read(descriptor, upTo: limit)
    }

    package struct Unreadable: Error, CustomStringConvertible {
        package let description: String
    }
}

extension Input.Unreadable {
    /// `code` is as `errno` has it.
    init(code: Int32) {
        self.init(description: "cannot be read: \(String(cString: strerror(code)))")
    }
}
