import EventLoop
import Glibc

/// A redis-server process and the watchdog that ends it and removes its folder when the test process is gone.
struct ServerProcess: Sendable {
    private let server: pid_t
    private let watchdog: Watchdog
    /// Where the server says that it is ready; it loses what it says when nobody reads.
    private let output: Int32

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

    func signal(_ number: Int32) {
        Glibc.kill(server, number)
    }

    /// Ends the server and its watchdog, and returns when both are gone.
    func kill() {
        signal(SIGKILL)
        // Before the server is waited for: after that, somebody else may get its id.
        watchdog.dismiss()
        waitpid(server, nil, 0)
        close(output)
    }

    static func removeFolder(_ folder: String) {
        guard let remover = try? Spawn.process(["rm", "-rf", folder]) else { return }
        waitpid(remover, nil, 0)
    }

    private func waitUntilReady() throws {
        var said = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !said.contains("eady to accept connections") {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else {
                kill()
                throw RedisServer.Failure(description: "redis-server did not start: \(said)")
            }
            said += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago.
enum FreePort {
    static func find() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw RedisServer.Failure(description: "no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
