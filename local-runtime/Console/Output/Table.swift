/// Rows under a header: aligned for a person, separated by tabs and without the header for a program.
package struct Table: Sendable {
    package let header: [String]
    package var rows: [[String]] = []

    package init(header: [String], rows: [[String]] = []) {
        self.header = header
        self.rows = rows
    }

    package func print(to output: Output) {
        guard output.isTerminal else { return rows.forEach { output.line($0.joined(separator: "\t")) } }
        let lines = aligned
        guard let columns = output.columns, lines.contains(where: { $0.count > columns }) else {
            return lines.forEach { output.line($0) }
        }
        // A narrow terminal would break the lines anywhere, so print one cell per line.
        for (index, row) in rows.enumerated() {
            if index > 0 { output.line("") }
            let width = header.map(\.count).max() ?? 0
            for (name, cell) in zip(header, row) where !cell.isEmpty {
                output.line(name.padded(to: width + 2) + cell)
            }
        }
    }

    /// The header and the rows in aligned columns.
    package var aligned: [String] {
        let lines = [header] + rows
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = zip(line, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            return String(cells.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension String {
    /// The text followed by spaces up to `width` characters.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Int {
    /// `1 fixture`, `2 fixtures`
    package func counted(_ noun: String) -> String {
        "\(self) \(noun)\(self == 1 ? "" : "s")"
    }
}
