/// What `--help` prints about a function's executable.
enum Help {
    static func text(_ name: String, _ summary: String, _ settings: Settings) -> String {
        let rows = settings.known.map { ($0.name, $0.default, $0.summary) }
        let nameWidth = rows.map(\.0.count).max() ?? 0
        let defaultWidth = rows.map(\.1.count).max() ?? 0
        let table = rows.map { name, value, summary in
            "  \(padded(name, nameWidth))  \(padded(value, defaultWidth))  \(summary)"
        }
        return """
            \(summary.isEmpty ? "A function." : summary)

            Usage: \(name) [--help | --version]

            Serves HTTP on a port, or by the contract of the platform that it finds itself on.
            Environment variables set how, here with their defaults:
            \(table.joined(separator: "\n"))

            Exit codes: 0 ended by SIGTERM or SIGINT, 1 wrong setting or argument, 3 could not start,
            4 Lambda's Runtime API failed, or a handler was busy beyond Lambda's deadline.
            """
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: width - text.count)
    }
}
