import FoundationEssentials
import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import Glibc
import LocalRuntimeConsole

/// All commands, in the order of the help.
public enum Commands {
    static let all: [CommandDefinition] = [
        .init(ServeCommand.self),
        .init(LambdaCommand.self),
        .init(ReplayCommand.self),
        .init(InvokeCommand.self),
        .init(ExplainCommand.self),
        .init(NewCommand.self),
        .init(WatchCommand.self),
        .init(LintCommand.self),
        KeysCommands.create,
        .init(FixtureKeysCommand.self),
        KeysCommands.list,
        KeysCommands.show,
        KeysCommands.update,
        KeysCommands.disable,
        KeysCommands.enable,
        KeysCommands.delete,
        OrgsCommands.list,
        OrgsCommands.show,
        OrgsCommands.credits,
        OrgsCommands.set,
        OrgsCommands.delete,
        TokensCommands.show,
        TokensCommands.revoke,
        .init(CompletionCommand.self),
        .init(HelpCommand.self),
        .init(VersionCommand.self),
    ]

    /// Runs the command that the process' arguments name, and exits.
    public static func main() -> Never {
        StandardStreams.keepOpen()
        // Writing to a pipe without a reader then fails with EPIPE instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        let words = Array(CommandLine.arguments.dropFirst())
        let console = Console.standard(environment: ProcessInfo.processInfo.environment)
        do {
            let loop = try EventLoop()
            loop.start { exit(await run(words, console, on: loop).rawValue) }
            loop.run()
            // Not reached: the task above exits before the loop ends.
            exit(ExitCode.couldNotRun.rawValue)
        } catch {
            console.messages.line("local-runtime: \(error)")
            exit(ExitCode.couldNotRun.rawValue)
        }
    }

    /// Runs the command line `words` on `loop`, which runs on the caller's thread.
    static func run(_ words: [String], _ console: Console, on loop: EventLoop) async -> ExitCode {
        do throws(CommandFailure) {
            let exitCode: ExitCode
            switch try Invocation(words) {
            case .print(let text):
                console.output.text(Wrapping.wrapped(text, to: console.output.columns))
                exitCode = .success
            case .run(let command): exitCode = try await command.run(console, on: loop)
            }
            if exitCode == .success, let failure = console.output.failure, !failure.isDeparture {
                throw .couldNotRun("standard output cannot be written: \(failure); direct it to a file or pipe")
            }
            return exitCode
        } catch {
            console.messages.line("local-runtime: \(Secrets.masked(error.message))")
            return error.exitCode
        }
    }
}

/// A command line, parsed.
enum Invocation: Sendable {
    /// Print the help or the version.
    case print(String)
    case run(any Command)

    init(_ words: [String]) throws(CommandFailure) {
        let syntaxes = Commands.all.map { $0.syntax }
        guard let first = words.first else { throw .usage("a command is missing; local-runtime help lists them") }
        switch first {
        case "--help", "-h": self = .print(Help.whole(syntaxes))
        case "--version": self = .print(VersionCommand.text)
        default: self = try Self.command(words, syntaxes)
        }
    }

    private static func command(_ words: [String], _ syntaxes: [CommandSyntax]) throws(CommandFailure) -> Self {
        let group = syntaxes.filter { $0.name[0] == words[0] && $0.name.count > 1 }
        if !group.isEmpty, words.count == 1 || isHelp(words[1]) { return .print(Help.group(words[0], group)) }
        guard let command = Commands.all.first(where: { words.starts(with: $0.syntax.name) }) else {
            throw UnknownCommand.failure(words, syntaxes)
        }
        let rest = words.dropFirst(command.syntax.name.count)
        if rest.prefix(while: { $0 != "--" }).contains(where: isHelp) { return .print(Help.command(command.syntax)) }
        do throws(CommandFailure) {
            return .run(try command.command(try Arguments(rest, command.syntax)))
        } catch {
            throw .usage("\(error.message); see local-runtime help \(command.syntax.name.joined(separator: " "))")
        }
    }

    private static func isHelp(_ word: String) -> Bool {
        word == "--help" || word == "-h"
    }
}
