import FunctionEventLoop
import LocalRuntimeConsole

/// `local-runtime completion`
struct CompletionCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["completion"],
        operands: CompletionShell.operand,
        summary: "Print a script that completes commands and options in bash or zsh",
        details: """
            SHELL is bash or zsh. Run one of these lines in a shell, or put it into .bashrc or
            .zshrc for every new one:

                source <(local-runtime completion bash)
                source <(local-runtime completion zsh)
            """
    )

    private let shell: CompletionShell

    init(_ arguments: Arguments) throws(CommandFailure) {
        let word = try arguments.operand("SHELL (bash or zsh)")
        guard let shell = CompletionShell.allCases.first(where: { $0.rawValue == word }) else {
            throw .usage("SHELL must be bash or zsh, not \"\(word)\"")
        }
        self.shell = shell
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        console.output.text(shell.script(completing: Commands.all.map { $0.syntax }))
        return .success
    }
}
