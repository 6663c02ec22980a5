import LocalRuntimeConsole
import StreamTokens

/// Where a command has a stream token from: never from its own words, which the process list and a shell's history show.
enum TokenInput: Sendable {
    case standardInput
    case environment

    private static let variable = "STREAM_TOKEN"

    /// What an operand or an option's value says; nil is the environment.
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
                "\(source) is no stream token: pub_tok_ and 42 letters and digits, of which the last 6 check it"
            )
        }
        return token
    }

    private func text(_ console: Console) throws(CommandFailure) -> (text: String, source: String) {
        switch self {
        case .standardInput:
            return (try SecretInput.line("token", console), "what came on standard input")
        case .environment:
            guard let text = console.environment[Self.variable], !text.isEmpty else {
                throw .usage("no token: give - and write it to standard input, or set \(Self.variable)")
            }
            return (text, Self.variable)
        }
    }
}
