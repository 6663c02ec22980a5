import FunctionRuntime
import LocalRuntimeConsole

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
