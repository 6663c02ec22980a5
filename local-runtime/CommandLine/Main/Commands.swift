import Foundation
import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import Glibc
import LocalRuntimeConsole

/// Every command there is, in the order of the help.
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
        KeysCommands.list,
        KeysCommands.show,
        KeysCommands.disable,
        KeysCommands.enable,
        OrgsCommands.list,
        OrgsCommands.show,
        OrgsCommands.credits,
        TokensCommands.show,
        TokensCommands.revoke,
    ]

    /// Does what the process' arguments ask for, and exits.
    public static func main() -> Never {
        // A reader that goes away is an error of the write, and no reason to die.
        signal(SIGPIPE, SIG_IGN)
        let words = Array(CommandLine.arguments.dropFirst())
        let console = Console.standard(environment: ProcessInfo.processInfo.environment)
        do {
            let loop = try EventLoop()
            loop.start { exit(await run(words, console, on: loop).rawValue) }
            loop.run()
            // The task above ends the process before the loop ends.
            exit(ExitCode.couldNotRun.rawValue)
        } catch {
            console.messages.line("local-runtime: \(error)")
            exit(ExitCode.couldNotRun.rawValue)
        }
    }

    /// Does what `words` ask for, on `loop`, which runs on the caller's thread.
    static func run(_ words: [String], _ console: Console, on loop: EventLoop) async -> ExitCode {
        do throws(CommandFailure) {
            switch try Invocation(words) {
            case .print(let text):
                console.output.text(text)
                return .success
            case .run(let command):
                return try await command.run(console, on: loop)
            }
        } catch {
            console.messages.line("local-runtime: \(Secrets.masked(error.message))")
            return error.exitCode
        }
    }
}

/// What the words of a command line ask for.
enum Invocation: Sendable {
    /// A text to print, the help or the version.
    case print(String)
    case run(any Command)

    init(_ words: [String]) throws(CommandFailure) {
        let syntaxes = Commands.all.map { $0.syntax }
        guard let first = words.first else { throw .usage("a command is missing; local-runtime --help lists them") }
        switch first {
        case "--help", "-h", "help": self = .print(Help.whole(syntaxes))
        case "--version": self = .print("local-runtime \(Runtime.version)\n")
        default: self = try Self.command(words, among: syntaxes.filter { $0.name.first == first })
        }
    }

    /// A command whose first word is right for each of `candidates`.
    private static func command(_ words: [String], among candidates: [CommandSyntax]) throws(CommandFailure) -> Self {
        guard let first = candidates.first else {
            let known = Commands.all.map { $0.syntax.name[0] }
            let unique = known.enumerated().filter { known.firstIndex(of: $1) == $0 }.map(\.element)
            throw .usage("\(words[0]) is no command; there are \(unique.joined(separator: ", "))")
        }
        let isGroup = first.name.count > 1
        if isGroup, words.count == 1 || isHelp(words[1]) { return .print(Help.group(words[0], candidates)) }
        guard let index = Commands.all.firstIndex(where: { words.starts(with: $0.syntax.name) }) else {
            let known = candidates.map { $0.name[1] }.joined(separator: ", ")
            throw .usage("\(words[1]) is no command of \(words[0]); there are \(known)")
        }
        let command = Commands.all[index]
        let rest = words.dropFirst(command.syntax.name.count)
        if rest.prefix(while: { $0 != "--" }).contains(where: isHelp) { return .print(Help.command(command.syntax)) }
        do throws(CommandFailure) {
            return .run(try command.command(try Arguments(rest, command.syntax)))
        } catch {
            let name = command.syntax.name.joined(separator: " ")
            throw .usage("\(error.message)\nlocal-runtime \(name) --help tells more.")
        }
    }

    private static func isHelp(_ word: String) -> Bool {
        word == "--help" || word == "-h"
    }
}
