import EventLoop

/// One thing that was asked for on the command line.
protocol Command: Sendable {
    /// Does it, on `loop`, which runs already.
    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode
}

/// A command that is read by its own type.
protocol WrittenCommand: Command {
    static var syntax: CommandSyntax { get }

    init(_ arguments: Arguments) throws(CommandFailure)
}

/// How a command is asked for.
///
/// Words are understood in two steps: ``Arguments`` splits them as the syntax says, `command` gives them meaning.
struct CommandDefinition: Sendable {
    let syntax: CommandSyntax
    let command: @Sendable (Arguments) throws(CommandFailure) -> any Command

    init(
        _ syntax: CommandSyntax,
        _ command: @escaping @Sendable (Arguments) throws(CommandFailure) -> any Command
    ) {
        self.syntax = syntax
        self.command = command
    }

    init<Written: WrittenCommand>(_ type: Written.Type) {
        self.init(Written.syntax) { arguments throws(CommandFailure) in try Written(arguments) }
    }
}

/// How a command is written: what splits its words, and what its help says.
struct CommandSyntax: Sendable {
    /// Its name, one word or two: `keys create`.
    let name: [String]
    /// What comes behind the name besides options, as the help writes it: `[PATH...]`.
    var operands = ""
    /// What it does, in a line without a full stop.
    let summary: String
    /// What else there is to say, in lines of at most 80 characters.
    var details = ""
    var options: [Option] = []
    /// Whether a word is no option though it begins with a dash.
    var isOperand: @Sendable (String) -> Bool = { _ in false }

    struct Option: Sendable {
        /// `--limit`
        let name: String
        /// What its value is called; nil if it takes none. Two words, and it takes two.
        var value: String?
        /// Its value where none is attached to it by `=`; nil if there has to be one.
        var standard: String?
        /// In a line without a full stop.
        let summary: String
        var isRepeatable = false
    }

    func option(_ name: String) -> Option? {
        options.first { $0.name == name }
    }
}

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
