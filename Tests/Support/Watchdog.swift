import Glibc

/// A process that ends another one and removes its folder when the test process is gone.
package struct Watchdog: Sendable {
    private let process: pid_t
    /// The watchdog reads this pipe: a line means that all is well, its end that the test process has died.
    private let lifeline: Int32

    package init(killing other: Int32, removing folder: String = "") throws {
        let (input, lifeline) = try Spawn.makePipe()
        defer { close(input) }
        let script = "read -r line || { kill -KILL \"$1\" 2>/dev/null; rm -rf \"$2\"; }"
        process = try Spawn.process(["sh", "-c", script, "sh", "\(other)", folder], input: input)
        self.lifeline = lifeline
    }

    /// Ends the watchdog, and returns when it is gone. Must be called before waiting for the other process.
    package func dismiss() {
        write(lifeline, "\n", 1)
        waitpid(process, nil, 0)
        close(lifeline)
    }
}
