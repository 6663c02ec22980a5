import FunctionBytes

/// Quotes text for lines that people paste into a shell: POSIX sh, bash or zsh.
package enum ShellText {
    /// The text as one single-quoted word, in which the shell interprets nothing.
    package static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// A name as messages show it: on one line, and quoted if a shell would not read it as one plain word.
    package static func name(_ text: String) -> String {
        let line = Shown.line(text)
        return !line.isEmpty && line.utf8.allSatisfy(isPlain) ? line : quoted(line)
    }

    /// A path as an operand, which no shell or command reads as an option, as several words or as another path.
    package static func path(_ path: String) -> String {
        let bytes = Array((path.utf8.first == UInt8(ascii: "-") ? "./" + path : path).utf8)
        return !bytes.isEmpty && bytes.allSatisfy(isPlain) ? String(decoding: bytes, as: UTF8.self) : word(bytes)
    }

    /// Any bytes except NUL, which no argument can hold, as one word on one line: quoted if they are visible text,
    /// otherwise made by printf(1).
    package static func word(_ bytes: [UInt8]) -> String {
        if let text = visibleText(bytes) { return quoted(text) }
        // `$(…)` removes trailing line ends, so they are appended after it.
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
        let word = "\"$(printf '\(format(bytes[..<end]))')\""
        return end == bytes.count ? word : word + quoted(String(decoding: bytes[end...], as: UTF8.self))
    }

    /// The bytes as text; nil if they are not UTF-8 or contain a character that controls a terminal, is invisible or
    /// breaks the line.
    package static func visibleText(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.unicodeScalars.allSatisfy(isVisible) ? text : nil
    }

    /// A format, for single quotes, from which printf(1) makes the bytes. POSIX has `\ddd` in formats, but not `\xdd`.
    package static func format(_ bytes: some Collection<UInt8>) -> String {
        var format = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "%"): format += "%%"
            // A format that begins with a dash would be read as an option.
            case UInt8(ascii: "-") where format.isEmpty: format += octal(byte)
            // bash expands `!` from its history within "$(…)", whatever quotes are around it.
            case UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "!"): format += octal(byte)
            case 0x20...0x7E: format.unicodeScalars.append(Unicode.Scalar(byte))
            default: format += octal(byte)
            }
        }
        return format
    }

    /// `\012`: always three digits, so that another digit may follow.
    package static func octal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || ".-_+/".utf8.contains(byte)
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
