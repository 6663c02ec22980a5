import FunctionEventLoop
import Glibc

/// A stream that text is written to.
package struct Output: Sendable {
    package let isTerminal: Bool
    let usesColor: Bool
    /// The terminal's width in columns, if it is known.
    package let columns: Int?
    /// Returns 0, or the `errno` of a failed write.
    private let write: @Sendable ([UInt8]) -> Int32
    private let lastFailure = Lock<Int32>(0)

    /// Calls `write` with each text; for tests.
    package init(
        isTerminal: Bool = false,
        usesColor: Bool = false,
        columns: Int? = nil,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.init(isTerminal: isTerminal, usesColor: usesColor, columns: columns) { (bytes: [UInt8]) in
            write(String(decoding: bytes, as: UTF8.self))
            return 0
        }
    }

    /// Calls `writeBytes` with the bytes; it returns 0, or the `errno` of a failed write.
    package init(
        isTerminal: Bool = false,
        usesColor: Bool = false,
        columns: Int? = nil,
        writeBytes: @escaping @Sendable ([UInt8]) -> Int32
    ) {
        self.isTerminal = isTerminal
        self.usesColor = usesColor
        self.columns = columns
        write = writeBytes
    }

    /// Writes to a file descriptor. Bytes that cannot be written are lost; ``failure`` then has the reason.
    package init(descriptor: Int32, allowsColor: Bool) {
        let isTerminal = isatty(descriptor) == 1
        let columns = isTerminal ? Self.columns(of: descriptor) : nil
        self.init(isTerminal: isTerminal, usesColor: isTerminal && allowsColor, columns: columns) { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return errno }
                rest.removeFirst(count)
            }
            return 0
        }
    }

    private static func columns(of terminal: Int32) -> Int? {
        var size = winsize()
        guard ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    package func text(_ text: String) {
        _ = bytes(Array(text.utf8))
    }

    package func line(_ line: String) {
        text(line + "\n")
    }

    /// Writes bytes, which need not be text; returns whether all of them were written.
    package func bytes(_ bytes: [UInt8]) -> Bool {
        let code = write(bytes)
        if code != 0 { lastFailure.withLock { $0 = code } }
        return code == 0
    }

    /// Why the last failed write failed; nil if none has.
    package var failure: Failure? {
        let code = lastFailure.withLock(\.self)
        return code == 0 ? nil : Failure(code: code)
    }

    /// Whether the reader has closed its end.
    package var isReaderGone: Bool { failure?.isDeparture == true }

    package struct Failure: Sendable, CustomStringConvertible {
        fileprivate let code: Int32

        /// Whether the reader has closed its end, as `head` does when it has enough.
        package var isDeparture: Bool { code == EPIPE }

        package var description: String { String(cString: strerror(code)) }
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
