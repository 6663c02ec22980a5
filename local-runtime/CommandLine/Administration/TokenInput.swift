import LocalRuntimeConsole
import StreamTokens

/// Reads a stream token from standard input or the environment; never from the command line, which the process list and
/// the shell's history show.
enum TokenInput: Sendable {
    case standardInput
    case environment

    private static let variable = "STREAM_TOKEN"

    /// The source that an operand or an option's value names; nil is the environment.
    init(_ word: String?, _ arguments: Arguments) throws(CommandFailure) {
        switch word {
        case nil: self = .environment
        case "-":
            try SecretInput.checkStandardInput(for: "token", arguments)
            self = .standardInput
        default: throw SecretInput.onTheCommandLine("token")
        }
    }

    func token(_ console: Console) throws(CommandFailure) -> StreamToken {
        let (text, source) = try text(console)
        guard let token = StreamToken(text) else {
            throw .usage(
                """
                \(source) is not a stream token: expected pub_tok_ and 42 letters and digits, of which the last 6 are \
                a checksum
                """
            )
        }
        return token
    }

    private func text(_ console: Console) throws(CommandFailure) -> (text: String, source: String) {
        switch self {
        case .standardInput:
            return (try SecretInput.line("token", console), "the line on standard input")
        case .environment:
            guard let text = console.environment[Self.variable], !text.isEmpty else {
                throw .usage("there is no token: give - and write it to standard input, or set \(Self.variable)")
            }
            return (text, Self.variable)
        }
    }
}
