import FunctionEventLoop
import Glibc

/// A redis-server process, and the watchdog that ends it and removes its folder when the test process is gone.
struct ServerProcess: Sendable {
    private let server: pid_t
    private let watchdog: Watchdog
    /// Reports that the server is ready. Later output is lost if nobody reads it.
    private let output: Int32
    private(set) var isSuspended = false

    /// Starts redis-server and returns when it accepts connections.
    init(_ arguments: [String], folder: String) throws {
        let (output, serverOutput) = try Spawn.makePipe()
        _ = fcntl(serverOutput, F_SETFL, O_NONBLOCK)
        server = try Spawn.process(["redis-server"] + arguments, output: serverOutput)
        watchdog = try Watchdog(killing: server, removing: folder)
        self.output = output
        close(serverOutput)
        try waitUntilReady()
    }

    mutating func suspend() {
        Glibc.kill(server, SIGSTOP)
        isSuspended = true
    }

    mutating func resume() {
        Glibc.kill(server, SIGCONT)
        isSuspended = false
    }

    /// Ends the server and its watchdog, and returns when both are gone.
    func kill() {
        Glibc.kill(server, SIGKILL)
        // This precedes waiting for the server: after that, another process may get its id.
        watchdog.dismiss()
        waitpid(server, nil, 0)
        close(output)
    }

    static func removeFolder(_ folder: String) {
        guard let remover = try? Spawn.process(["rm", "-rf", folder]) else { return }
        waitpid(remover, nil, 0)
    }

    private func waitUntilReady() throws {
        // The second text is a sentinel's.
        let isReady = { (said: String) in
            said.contains("eady to accept connections") || said.contains("Sentinel ID is")
        }
        let said = Spawn.said(on: output, until: isReady)
        guard isReady(said) else {
            kill()
            throw RedisServer.Failure(description: "redis-server did not start: \(said)")
        }
    }
}
