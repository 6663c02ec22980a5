/// Rows under a header: aligned for a person, separated by tabs and without the header for a program.
struct Table: Sendable {
    let header: [String]
    var rows: [[String]] = []

    func print(to output: Output) {
        guard output.isTerminal else {
            for row in rows { output.line(row.joined(separator: "\t")) }
            return
        }
        let lines = [header] + rows
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        for line in lines {
            let cells = zip(line, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            output.line(String(cells.reversed().drop { $0 == " " }.reversed()))
        }
    }
}
