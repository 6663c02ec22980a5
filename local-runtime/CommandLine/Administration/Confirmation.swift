import LocalRuntimeConsole

/// The question before what cannot be undone.
struct Confirmation: Sendable {
    static let option = CommandSyntax.Option(name: "--yes", summary: "Do not ask")
    static let help = "It is asked first on a terminal; elsewhere --yes has to be there."

    private let isGiven: Bool

    init(_ arguments: Arguments) {
        isGiven = arguments.isSet(Self.option.name)
    }

    /// Refuses what nobody could confirm, before anything is looked for.
    func check(_ console: Console) throws(CommandFailure) {
        guard isGiven || console.inputIsTerminal else {
            throw .usage("this cannot be undone, and there is no terminal to ask on: give --yes")
        }
    }

    func ask(_ question: String, _ console: Console) throws(CommandFailure) {
        guard !isGiven else { return }
        console.messages.text("\(question) [y/N] ")
        guard let answer = console.readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw .couldNotRun("not confirmed, so nothing was changed; answer y, or give --yes")
        }
    }
}
