import Glibc

/// Where a command reads and writes, so that a test can stand in for the terminal.
struct Console: Sendable {
    /// What the command is asked for, and nothing else: scripts read it.
    let output: Output
    /// All that is said to a person.
    let messages: Output
    let environment: [String: String]
    /// A line of standard input, without its end; nil if there is none.
    let readLine: @Sendable () -> String?
    /// All of standard input; one byte more than `limit` where there is more.
    var readAll: @Sendable (_ limit: Int) throws(Input.Unreadable) -> [UInt8] = { limit throws(Input.Unreadable) in
        try Input.read(STDIN_FILENO, upTo: limit)
    }

    /// The process' own.
    static func standard(environment: [String: String]) -> Console {
        // https://no-color.org: any value but an empty one.
        let allowsColor = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        return Console(
            output: Output(descriptor: STDOUT_FILENO, allowsColor: allowsColor),
            messages: Output(descriptor: STDERR_FILENO, allowsColor: allowsColor),
            environment: environment,
            readLine: { Swift.readLine() }
        )
    }
}
