import FunctionBytes

/// Texts in lines that people paste into a shell: POSIX' sh, bash or zsh.
package enum ShellText {
    /// The text as one word in which nothing means anything to a shell.
    package static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// A name as it is shown to people: on one line, quoted where a shell would take it for more than a word.
    package static func name(_ text: String) -> String {
        let line = Shown.line(text)
        return !line.isEmpty && line.utf8.allSatisfy(isPlain) ? line : quoted(line)
    }

    /// A path as an operand: never taken for an option, for more than a word, or for another path.
    package static func path(_ path: String) -> String {
        let bytes = Array((path.utf8.first == UInt8(ascii: "-") ? "./" + path : path).utf8)
        return !bytes.isEmpty && bytes.allSatisfy(isPlain) ? String(decoding: bytes, as: UTF8.self) : word(bytes)
    }

    /// Any bytes but NUL, which no argument can hold, as one word on one line: in quotes where they are text that can be
    /// seen, else by printf(1).
    package static func word(_ bytes: [UInt8]) -> String {
        if let text = visibleText(bytes) { return quoted(text) }
        // `$(…)` takes line ends off.
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
        let word = "\"$(printf '\(format(bytes[..<end]))')\""
        return end == bytes.count ? word : word + quoted(String(decoding: bytes[end...], as: UTF8.self))
    }

    /// The text that bytes are if there is nothing in it which steers a terminal, hides or breaks the line; else nil.
    package static func visibleText(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.unicodeScalars.allSatisfy(isVisible) ? text : nil
    }

    /// What printf(1) makes the bytes of, to stand between single quotes. POSIX has `\ddd` in formats, but no `\xdd`.
    package static func format(_ bytes: some Collection<UInt8>) -> String {
        var format = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "%"): format += "%%"
            // A format that begins with a dash would be an option.
            case UInt8(ascii: "-") where format.isEmpty: format += octal(byte)
            // bash looks for `!` in its history, within "$(…)" whatever quotes are around it.
            case UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "!"): format += octal(byte)
            case 0x20...0x7E: format.unicodeScalars.append(Unicode.Scalar(byte))
            default: format += octal(byte)
            }
        }
        return format
    }

    /// `\012`: always three digits, so that a digit may follow.
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
