package import FunctionEventLoop

/// One thing that was asked for on the command line.
package protocol Command: Sendable {
    /// Does it, on `loop`, which runs already.
    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode
}

/// A command that is read by its own type.
package protocol WrittenCommand: Command {
    static var syntax: CommandSyntax { get }

    init(_ arguments: Arguments) throws(CommandFailure)
}

/// How a command is asked for: ``Arguments`` splits its words as the syntax says, then `command` gives them meaning.
package struct CommandDefinition: Sendable {
    package let syntax: CommandSyntax
    package let command: @Sendable (Arguments) throws(CommandFailure) -> any Command

    package init(
        _ syntax: CommandSyntax,
        _ command: @escaping @Sendable (Arguments) throws(CommandFailure) -> any Command
    ) {
        self.syntax = syntax
        self.command = command
    }

    package init<Written: WrittenCommand>(_ type: Written.Type) {
        self.init(Written.syntax) { arguments throws(CommandFailure) in try Written(arguments) }
    }
}

/// How a command is written: what splits its words, and what its help says.
package struct CommandSyntax: Sendable {
    /// Its name, one word or two: `keys create`.
    package let name: [String]
    /// What comes behind the name besides options, as the help writes it: `[PATH...]`.
    package var operands = ""
    /// What it does, in a line without a full stop.
    package let summary: String
    /// What else there is to say, in lines of at most 80 characters.
    package var details = ""
    package var options: [Option] = []
    /// Whether a word is no option though it begins with a dash.
    package var isOperand: @Sendable (String) -> Bool = { _ in false }

    package init(
        name: [String],
        operands: String = "",
        summary: String,
        details: String = "",
        options: [Option] = [],
        isOperand: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.name = name
        self.operands = operands
        self.summary = summary
        self.details = details
        self.options = options
        self.isOperand = isOperand
    }

    package struct Option: Sendable {
        /// `--limit`
        package let name: String
        /// What its value is called; nil if it takes none. Two words, and it takes two.
        package var value: String?
        /// Its value when none follows it after `=`; nil if the option needs a value.
        package var `default`: String?
        /// One line without a full stop.
        package let summary: String
        package var isRepeatable = false

        package init(
            name: String,
            value: String? = nil,
            default: String? = nil,
            summary: String,
            isRepeatable: Bool = false
        ) {
            self.name = name
            self.value = value
            self.default = `default`
            self.summary = summary
            self.isRepeatable = isRepeatable
        }

        /// One that may be given again, as its help says too.
        package static func repeatable(_ name: String, _ value: String, _ summary: String) -> Option {
            Option(name: name, value: value, summary: summary + "; may be given again", isRepeatable: true)
        }
    }
}

/// Why a command ends without having done its work. The message says what to do about it, and holds no secret.
package struct CommandFailure: Error, Sendable {
    package let exitCode: ExitCode
    package let message: String

    package init(exitCode: ExitCode, message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    /// The command line is wrong.
    package static func usage(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .commandLine, message: message)
    }

    package static func unreadableFixture(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .unreadableFixture, message: message)
    }

    /// The command line is right, but what it asks for cannot be done, or was interrupted.
    package static func couldNotRun(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .couldNotRun, message: message)
    }
}

/// What the process tells whoever started it.
package enum ExitCode: Int32, Sendable {
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
