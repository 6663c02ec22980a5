import LocalRuntimeConsole

/// Asks before a change that cannot be undone.
struct Confirmation: Sendable {
    static let option = CommandSyntax.Option(name: "--yes", summary: "Do not ask for confirmation")
    static let help = "On a terminal the command asks for confirmation; elsewhere it needs --yes."

    private let isGiven: Bool

    init(_ arguments: Arguments) {
        isGiven = arguments.isSet(Self.option.name)
    }

    /// Throws if nobody can confirm. Call it before the store is read.
    func check(_ console: Console) throws(CommandFailure) {
        guard isGiven || console.inputIsTerminal else {
            throw .usage("this cannot be undone, and there is no terminal to ask for confirmation: give --yes")
        }
    }

    func ask(_ question: String, _ console: Console) throws(CommandFailure) {
        guard !isGiven else { return }
        console.messages.text("\(question) [y/N] ")
        guard let reply = console.readLine(), ["y", "yes"].contains(reply.lowercased()) else {
            throw .couldNotRun("not confirmed, so nothing was changed; type y, or give --yes")
        }
    }
}
