import FunctionBytes

/// Texts in lines that people paste into a shell.
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

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || ".-_+/".utf8.contains(byte)
    }
}
