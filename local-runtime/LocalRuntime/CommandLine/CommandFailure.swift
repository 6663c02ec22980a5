/// Why a command ends without having done its work. The message says what to do about it, and holds no secret.
struct CommandFailure: Error, Sendable {
    let exitCode: ExitCode
    let message: String

    /// The command line is wrong.
    static func usage(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .commandLine, message: message)
    }

    /// The command line is right, but what it asks for cannot be done.
    static func couldNotRun(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .couldNotRun, message: message)
    }
}
