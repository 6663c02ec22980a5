/// Fits text into a terminal's width.
package enum Wrapping {
    /// Breaks lines that are too long between words, and indents the continuation under its text.
    package static func wrapped(_ text: String, to columns: Int?) -> String {
        guard let columns, columns >= 20 else { return text }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { wrapped(line: $0, to: columns) }.joined(separator: "\n")
    }

    private static func wrapped(line: Substring, to columns: Int) -> String {
        guard line.count > columns else { return String(line) }
        let indent = String(repeating: " ", count: min(indent(of: line), columns / 2))
        var (result, column) = ("", 0)
        var rest = line
        while !rest.isEmpty {
            let blanks = rest.prefix { $0 == " " }
            let word = rest[blanks.endIndex...].prefix { $0 != " " }
            rest = rest[word.endIndex...]
            if column > 0, column + blanks.count + word.count > columns {
                result += "\n" + indent + word
                column = indent.count + word.count
            } else {
                result += blanks + word
                column += blanks.count + word.count
            }
        }
        return result
    }

    /// The column of the continuation: where a second column begins, as in the help's lists; otherwise the line's own
    /// indentation and two more.
    private static func indent(of line: Substring) -> Int {
        let first = line.prefix { $0 == " " }.count
        var (column, blanks) = (0, 0)
        for character in line {
            if character != " ", blanks > 1, column > first { return column }
            blanks = character == " " ? blanks + 1 : 0
            column += 1
        }
        return first + 2
    }
}
