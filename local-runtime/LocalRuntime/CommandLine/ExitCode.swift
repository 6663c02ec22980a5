/// What the process tells whoever started it.
enum ExitCode: Int32, Sendable {
    /// All is fine.
    case success = 0
    /// The command line is wrong; nothing was done.
    case commandLine = 1
    /// A fixture cannot be read.
    case unreadableFixture = 2
    /// What was asked for could not be done.
    case couldNotRun = 3
    /// A response was not what its expectation says, or that of an invoked function was a 5xx or broke off.
    case expectationFailed = 4
}
