package import FunctionEventLoop

/// A command with its arguments, ready to run.
package protocol Command: Sendable {
    /// Runs the command on `loop`, which is running already.
    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode
}

/// A command whose type reads its own arguments.
package protocol WrittenCommand: Command {
    static var syntax: CommandSyntax { get }

    init(_ arguments: Arguments) throws(CommandFailure)
}

/// A command's syntax, by which ``Arguments`` splits the command line, and the function that interprets the result.
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

/// A command's name, operands and options, and the text of its help.
package struct CommandSyntax: Sendable {
    /// One word or two: `keys create`.
    package let name: [String]
    /// The operands as the help writes them: `[PATH...]`.
    package var operands = ""
    /// What the command does, in one line without a full stop.
    package let summary: String
    /// The rest of the help, in lines of at most 90 characters.
    package var details = ""
    package var options: [Option] = []
    /// Whether a word that begins with a dash is an operand all the same.
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
        /// The value's placeholder; nil if the option takes none. An option with two words here takes two values.
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

        /// An option that may be given several times; its summary says so.
        package static func repeatable(_ name: String, _ value: String, _ summary: String) -> Option {
            Option(name: name, value: value, summary: summary + "; may be repeated", isRepeatable: true)
        }
    }
}

/// Why a command failed. The message says what to do about it and contains no secret.
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

    /// The command line is right, but the command could not do its work or was interrupted.
    package static func couldNotRun(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .couldNotRun, message: message)
    }
}

/// The exit code of the process.
package enum ExitCode: Int32, Sendable {
    case success = 0
    /// The command line is wrong; nothing was done.
    case commandLine = 1
    case unreadableFixture = 2
    /// The command could not do its work, or was interrupted.
    case couldNotRun = 3
    /// A response did not match its expectation, or an invoked function's response was a 5xx or broke off.
    case expectationFailed = 4
}
