import FunctionRuntime
import LocalRuntimeConsole

/// Where a command has a secret from: never from its own words, which the process list and a shell's history show.
enum SecretInput {
    /// Refuses two readers of one standard input.
    static func checkStandardInput(for noun: String, _ arguments: Arguments) throws(CommandFailure) {
        guard arguments["--redis"] == "-" else { return }
        throw .usage("standard input can give the \(noun) or the Redis URL, not both; REDIS_URL can give the URL")
    }

    static func onTheCommandLine(_ noun: String) -> CommandFailure {
        .usage(
            """
            a \(noun) is not taken from the command line, where the process list and the shell's history \
            would keep it: give - and write it to standard input
            """
        )
    }

    /// The line that comes on standard input.
    static func line(_ noun: String, _ console: Console) throws(CommandFailure) -> String {
        guard let line = console.readLine() else { throw .usage("no \(noun) came on standard input") }
        // As they come with a copied line.
        return Settings.withoutBlanksAround(line)
    }
}
