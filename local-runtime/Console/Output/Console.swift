import Glibc

/// Where a command reads and writes, so that a test can stand in for the terminal.
package struct Console: Sendable {
    /// What the command is asked for, and nothing else: scripts read it.
    package let output: Output
    /// All that is said to a person.
    package let messages: Output
    package let environment: [String: String]
    /// Whether a person can be asked something.
    package var inputIsTerminal = false
    /// Whether it is the process' own, whose signals are then a command's.
    package var isOfProcess = false
    /// A line of standard input, without its end; nil if there is none.
    package let readLine: @Sendable () -> String?
    /// All of standard input; one byte more than `limit` where there is more.
    package var readAll: @Sendable (_ limit: Int) throws(Input.Unreadable) -> [UInt8] = {
        limit throws(Input.Unreadable) in
        try Input.read(STDIN_FILENO, upTo: limit)
    }

    /// The process' own.
    package static func standard(environment: [String: String]) -> Console {
        // https://no-color.org: any value but an empty one.
        let allowsColor = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        return Console(
            output: Output(descriptor: STDOUT_FILENO, allowsColor: allowsColor),
            messages: Output(descriptor: STDERR_FILENO, allowsColor: allowsColor),
            environment: environment,
            inputIsTerminal: isatty(STDIN_FILENO) == 1,
            isOfProcess: true,
            readLine: {
                // Some shells put a mark before what they hand on.
                Swift.readLine().map { $0.utf8.starts(with: Input.mark) ? String($0.unicodeScalars.dropFirst()) : $0 }
            }
        )
    }
}
