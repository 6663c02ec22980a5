import Glibc

/// A stream that text is written to.
struct Output: Sendable {
    let isTerminal: Bool
    let usesColor: Bool
    private let write: @Sendable (String) -> Void

    init(isTerminal: Bool = false, usesColor: Bool = false, write: @escaping @Sendable (String) -> Void) {
        self.isTerminal = isTerminal
        self.usesColor = usesColor
        self.write = write
    }

    /// A file descriptor. When its reader has gone, what is written is lost without an error.
    init(descriptor: Int32, allowsColor: Bool) {
        let isTerminal = isatty(descriptor) == 1
        self.init(isTerminal: isTerminal, usesColor: isTerminal && allowsColor) { text in
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest.removeFirst(count)
            }
        }
    }

    func text(_ text: String) {
        write(text)
    }

    func line(_ line: String) {
        write(line + "\n")
    }

    /// The text in a color, if this stream shows colors.
    func colored(_ text: String, _ color: Color) -> String {
        usesColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A foreground color (ECMA-48, section 8.3.117).
    enum Color: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }
}
