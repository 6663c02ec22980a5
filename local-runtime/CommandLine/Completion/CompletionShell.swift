import LocalRuntimeConsole

/// A shell that a completion script can be printed for.
enum CompletionShell: String, CaseIterable {
    case bash
    case zsh

    /// The placeholder in the help.
    static let operand = "SHELL"

    /// The script that completes these commands.
    func script(completing syntaxes: [CommandSyntax]) -> String {
        let entries = CompletionEntry.all(syntaxes)
        return switch self {
        case .bash: BashCompletion.script(entries)
        case .zsh: ZshCompletion.script(entries)
        }
    }
}
