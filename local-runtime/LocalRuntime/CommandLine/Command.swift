import EventLoop

/// One thing that can be asked for on the command line.
///
/// Arguments are understood in two steps: ``Arguments`` splits the words as ``syntax`` says, `init` gives them meaning.
protocol Command: Sendable {
    static var syntax: CommandSyntax { get }

    init(_ arguments: Arguments) throws(CommandFailure)

    /// Does it, on `loop`, which runs already.
    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode
}
