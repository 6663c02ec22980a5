import FunctionEventLoop
import FunctionRuntime
import LocalRuntimeConsole

/// `local-runtime help`
struct HelpCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["help"],
        operands: CompletionEntry.commandOperand,
        summary: "Print the list of commands, or the help of one",
        details: "COMMAND is a command or a group such as keys. --help after a command prints the same."
    )

    private let text: String

    init(_ arguments: Arguments) throws(CommandFailure) {
        let words = arguments.operands
        let syntaxes = Commands.all.map { $0.syntax }
        let candidates = syntaxes.filter { $0.name.starts(with: words) }
        if words.isEmpty {
            text = Help.whole(syntaxes)
        } else if let one = candidates.first(where: { $0.name == words }) {
            text = Help.command(one)
        } else if let one = syntaxes.first(where: { words.starts(with: $0.name) }) {
            throw .usage("unexpected argument \"\(words[one.name.count])\"")
        } else if candidates.isEmpty {
            throw UnknownCommand.failure(words, syntaxes)
        } else {
            text = Help.group(words[0], candidates)
        }
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        console.output.text(Wrapping.wrapped(text, to: console.output.columns))
        return .success
    }
}

/// `local-runtime version`
struct VersionCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["version"],
        summary: "Print the version",
        details: "--version prints the same."
    )

    static var text: String { "local-runtime \(Runtime.version)\n" }

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        console.output.text(Self.text)
        return .success
    }
}
