import Glibc

/// A command's input, outputs and environment, which a test can replace.
package struct Console: Sendable {
    /// The command's result and nothing else, because scripts read it.
    package let output: Output
    /// Everything else: messages to a person.
    package let messages: Output
    package let environment: [String: String]
    /// Whether a person can be asked a question.
    package var inputIsTerminal = false
    /// Whether this is the process' own console; only then may a command handle the process' signals.
    package var isOfProcess = false
    /// Reads a line of standard input, without its line end; nil at the end of input.
    package let readLine: @Sendable () -> String?
    /// Reads all of standard input. Returns `limit` + 1 bytes if there are more than `limit`.
    package var readAll: @Sendable (_ limit: Int) throws(Input.Unreadable) -> [UInt8] = {
        limit throws(Input.Unreadable) in
        try Input.read(STDIN_FILENO, upTo: limit)
    }

    /// The console of the process.
    package static func standard(environment: [String: String]) -> Console {
        // https://no-color.org: any value except an empty one turns colors off.
        let allowsColor = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        return Console(
            output: Output(descriptor: STDOUT_FILENO, allowsColor: allowsColor),
            messages: Output(descriptor: STDERR_FILENO, allowsColor: allowsColor),
            environment: environment,
            inputIsTerminal: isatty(STDIN_FILENO) == 1,
            isOfProcess: true,
            readLine: {
                // Some shells put a byte order mark before the text that they pipe.
                Swift.readLine().map { $0.utf8.starts(with: Input.mark) ? String($0.unicodeScalars.dropFirst()) : $0 }
            }
        )
    }
}
