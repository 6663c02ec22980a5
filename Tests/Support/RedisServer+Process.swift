import EventLoop
import Glibc

/// A redis-server process and the watchdog that ends it and removes its folder when the test process is gone.
struct ServerProcess: Sendable {
    private let server: pid_t
    private let watchdog: pid_t
    /// The watchdog reads from it: a line means that all is well, its end that the test process has died.
    private let lifeline: Int32
    /// Where the server says that it is ready; it loses what it says when nobody reads.
    private let output: Int32

    /// Starts redis-server and returns when it accepts connections.
    init(_ arguments: [String], folder: String) throws {
        let (output, serverOutput) = try Self.makePipe()
        let (watchdogInput, lifeline) = try Self.makePipe()
        _ = fcntl(serverOutput, F_SETFL, O_NONBLOCK)
        server = try Self.spawn(["redis-server"] + arguments, output: serverOutput)
        let script = "read -r line || { kill -KILL \"$1\" 2>/dev/null; rm -rf \"$2\"; }"
        watchdog = try Self.spawn(["sh", "-c", script, "sh", "\(server)", folder], input: watchdogInput)
        self.lifeline = lifeline
        self.output = output
        close(serverOutput)
        close(watchdogInput)
        try waitUntilReady()
    }

    func signal(_ number: Int32) {
        Glibc.kill(server, number)
    }

    /// Ends the server and its watchdog, and returns when both are gone.
    func kill() {
        // In this order: until it is waited for, nobody else gets the server's id.
        signal(SIGKILL)
        write(lifeline, "\n", 1)
        waitpid(watchdog, nil, 0)
        waitpid(server, nil, 0)
        close(lifeline)
        close(output)
    }

    static func removeFolder(_ folder: String) {
        guard let remover = try? spawn(["rm", "-rf", folder]) else { return }
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

    /// Held while there are pipes that a child would inherit: a lifeline in two servers' hands would never end. The
    /// number counts the children; the thread sanitizer takes a value without bytes for its neighbour.
    private static let spawning = Lock(0)

    private static func makePipe() throws -> (read: Int32, write: Int32) {
        try spawning.withLock { _ in
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw RedisServer.Failure(description: "no pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }
    }

    private static func spawn(_ command: [String], input: Int32? = nil, output: Int32? = nil) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        for descriptor in 1...2 {
            if let output { posix_spawn_file_actions_adddup2(&actions, output, Int32(descriptor)) }
        }
        // Threads of the tests may have signals blocked, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = command.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        let code = spawning.withLock { count in
            count += 1
            return posix_spawnp(&process, command[0], &actions, &attributes, arguments + [nil], environ)
        }
        guard code == 0 else {
            throw RedisServer.Failure(description: "\(command[0]): \(String(cString: strerror(code)))")
        }
        return process
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
