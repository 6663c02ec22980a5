import Glibc

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
