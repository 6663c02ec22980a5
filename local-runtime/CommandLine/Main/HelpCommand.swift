import FunctionEventLoop
import FunctionRuntime
import LocalRuntimeConsole

/// `local-runtime help`
struct HelpCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["help"],
        operands: CompletionEntry.commandOperand,
        summary: "Print what there is, or all about a command",
        details: "The same as --help behind the command."
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
            throw .usage("\"\(words[one.name.count])\" is one word too many")
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
        details: "The same as --version."
    )

    /// What is printed.
    static var text: String { "local-runtime \(Runtime.version)\n" }

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        console.output.text(Self.text)
        return .success
    }
}
