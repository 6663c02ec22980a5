import Glibc

/// Where a command reads and writes, so that a test can stand in for the terminal.
package struct Console: Sendable {
    /// What the command is asked for, and nothing else: scripts read it.
    package let output: Output
    /// All that is said to a person.
    package let messages: Output
    package let environment: [String: String]
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
            readLine: { Swift.readLine() }
        )
    }
}

/// A stream that text is written to.
package struct Output: Sendable {
    package let isTerminal: Bool
    let usesColor: Bool
    /// Answers whether there is still a reader.
    private let write: @Sendable ([UInt8]) -> Bool

    /// Where tests have it written to.
    package init(isTerminal: Bool = false, usesColor: Bool = false, write: @escaping @Sendable (String) -> Void) {
        self.init(isTerminal: isTerminal, usesColor: usesColor) { (bytes: [UInt8]) in
            write(String(decoding: bytes, as: UTF8.self))
            return true
        }
    }

    /// Whatever takes bytes, and answers whether there is still a reader.
    package init(isTerminal: Bool = false, usesColor: Bool = false, writeBytes: @escaping @Sendable ([UInt8]) -> Bool) {
        self.isTerminal = isTerminal
        self.usesColor = usesColor
        write = writeBytes
    }

    /// A file descriptor. When its reader has gone, what is written is lost without an error.
    package init(descriptor: Int32, allowsColor: Bool) {
        let isTerminal = isatty(descriptor) == 1
        self.init(isTerminal: isTerminal, usesColor: isTerminal && allowsColor) { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest.removeFirst(count)
            }
            return true
        }
    }

    package func text(_ text: String) {
        _ = write(Array(text.utf8))
    }

    package func line(_ line: String) {
        text(line + "\n")
    }

    /// Writes what need not be text; answers whether there is still a reader.
    package func bytes(_ bytes: [UInt8]) -> Bool {
        write(bytes)
    }

    /// The text in a color, if this stream shows colors.
    package func colored(_ text: String, _ color: Color) -> String {
        usesColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A foreground color (ECMA-48, section 8.3.117).
    package enum Color: Int {
        case red = 31
        case green = 32
        case yellow = 33
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
