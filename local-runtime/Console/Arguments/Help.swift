/// The texts that `--help` prints.
package enum Help {
    private static let program = "local-runtime"

    /// The help of the program.
    package static func whole(_ commands: [CommandSyntax]) -> String {
        """
        Runs the functions on this machine: serves them, replays fixtures, manages keys.

        Usage: \(program) COMMAND [--help]

        Commands:
        \(list(commands))

        Exit codes: 0 success, 1 wrong command line, 2 unreadable fixture,
                    3 could not run or was interrupted,
                    4 an expectation or an invoked function failed.

        """
    }

    /// The help of a group: commands that share their first word.
    package static func group(_ name: String, _ commands: [CommandSyntax]) -> String {
        """
        Usage: \(program) \(name) COMMAND [--help]

        Commands:
        \(list(commands))

        """
    }

    /// The help of one command.
    package static func command(_ syntax: CommandSyntax) -> String {
        let usage = [program] + syntax.name + [syntax.operands, syntax.options.isEmpty ? "" : "[OPTIONS]"]
        var help = "\(syntax.summary).\n\nUsage: \(usage.filter { !$0.isEmpty }.joined(separator: " "))\n"
        if !syntax.details.isEmpty { help += "\n\(syntax.details)\n" }
        let options = syntax.options.map { ($0.usage, $0.summary) }
        return help + "\nOptions:\n" + columns(options + [("--help", "Print this help")]) + "\n"
    }

    private static func list(_ commands: [CommandSyntax]) -> String {
        columns(commands.map { ($0.name.joined(separator: " "), $0.summary) })
    }

    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  " + $0.0.padded(to: width + 2) + $0.1 }.joined(separator: "\n")
    }
}

extension CommandSyntax.Option {
    /// `--limit N`, `--binary[=FOLDER]`
    fileprivate var usage: String {
        guard let value else { return name }
        return self.default == nil ? "\(name) \(value)" : "\(name)[=\(value)]"
    }
}
