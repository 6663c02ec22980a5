import LocalRuntimeConsole

/// A shell that completes command lines.
enum CompletionShell: String, CaseIterable {
    case bash
    case zsh

    /// What the help calls one.
    static let operand = "SHELL"

    /// The script that has it complete these commands.
    func script(completing syntaxes: [CommandSyntax]) -> String {
        let entries = CompletionEntry.all(syntaxes)
        return switch self {
        case .bash: BashCompletion.script(entries)
        case .zsh: ZshCompletion.script(entries)
        }
    }
}
