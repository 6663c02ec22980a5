import LocalRuntimeConsole

/// The error for a command that does not exist, with a suggestion.
enum UnknownCommand {
    /// The error for `words`, which begin with none of the commands.
    static func failure(_ words: [String], _ syntaxes: [CommandSyntax]) -> CommandFailure {
        let group = syntaxes.filter { $0.name[0] == words[0] && $0.name.count > 1 }
        guard group.isEmpty || words.count < 2 else {
            let known = group.map { $0.name[1] }
            let hint = hint(for: words[1], among: known)
            return .usage("\(words[0]) has no command \(words[1]); \(hint)")
        }
        // `list keys`, or `disable` alone.
        let turned = syntaxes.filter { $0.name.count > 1 && $0.name[1] == words[0] }.map {
            $0.name.joined(separator: " ")
        }
        let known = CompletionEntry.firstWords(syntaxes)
        let hint =
            turned.isEmpty ? hint(for: words[0], among: known) : "did you mean \(turned.joined(separator: " or "))?"
        return .usage("there is no command \(words[0]); \(hint)")
    }

    private static func hint(for word: String, among known: [String]) -> String {
        Suggestion.nearest(to: word, among: known).map { "did you mean \($0)?" }
            ?? "the commands are \(known.joined(separator: ", "))"
    }
}
