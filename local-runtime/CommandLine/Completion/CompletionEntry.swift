import LocalRuntimeConsole
import LocalRuntimeFixtures

/// What a shell can complete after a command.
struct CompletionEntry: Sendable {
    let syntax: CommandSyntax

    /// The possible operands, if they are a fixed list.
    let words: [String]

    /// The placeholder of an operand that is a command.
    static let commandOperand = "[COMMAND]"

    static func all(_ syntaxes: [CommandSyntax]) -> [CompletionEntry] {
        syntaxes.map { syntax in
            let words =
                switch syntax.operands {
                case commandOperand: firstWords(syntaxes)
                case CompletionShell.operand: CompletionShell.allCases.map(\.rawValue)
                default: [String]()
                }
            return CompletionEntry(syntax: syntax, words: words)
        }
    }

    var name: String { syntax.name.joined(separator: " ") }

    var options: [CommandSyntax.Option] {
        syntax.options + [CommandSyntax.Option(name: "--help", summary: "Print this help")]
    }

    /// Whether the operands are files.
    var takesFiles: Bool { Self.isFile(syntax.operands) }

    /// Whether a placeholder stands for something in the file system.
    static func isFile(_ placeholder: String) -> Bool {
        ["[PATH...]", "BINARY", FixtureInput.operand, "FILE", "DIR", "FOLDER"].contains(placeholder)
    }

    /// The first words of all commands, each once.
    static func firstWords(_ syntaxes: [CommandSyntax]) -> [String] {
        var words: [String] = []
        for word in syntaxes.map({ $0.name[0] }) where !words.contains(word) { words.append(word) }
        return words
    }

    /// The groups of commands with their members.
    static func groups(_ entries: [CompletionEntry]) -> [(name: String, entries: [CompletionEntry])] {
        firstWords(entries.map(\.syntax)).compactMap { word in
            let members = entries.filter { $0.syntax.name[0] == word && $0.syntax.name.count > 1 }
            return members.isEmpty ? nil : (word, members)
        }
    }
}
