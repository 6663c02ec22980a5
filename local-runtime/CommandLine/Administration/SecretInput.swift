import FunctionRuntime
import LocalRuntimeConsole

/// Reads a secret from standard input; never from the command line, which the process list and the shell's history show.
enum SecretInput {
    /// Throws if standard input would have to give both the secret and the Redis URL.
    static func checkStandardInput(for noun: String, _ arguments: Arguments) throws(CommandFailure) {
        guard arguments["--redis"] == "-" else { return }
        throw .usage("standard input can give the \(noun) or the Redis URL, not both; set REDIS_URL for the URL")
    }

    static func onTheCommandLine(_ noun: String) -> CommandFailure {
        .usage(
            """
            a \(noun) on the command line would be visible in the process list and the shell's history: \
            give - instead and write it to standard input
            """
        )
    }

    /// Reads a line of standard input.
    static func line(_ noun: String, _ console: Console) throws(CommandFailure) -> String {
        guard let line = console.readLine() else { throw .usage("there is no \(noun) on standard input") }
        // A copied line may have blanks around it.
        return Settings.withoutBlanksAround(line)
    }
}
