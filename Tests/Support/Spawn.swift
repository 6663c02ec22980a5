import CFunctionLinux
import FunctionEventLoop
import Glibc

/// Starts processes for tests.
package enum Spawn {
    /// The number of children started. It exists because the thread sanitizer confuses a value without bytes with its
    /// neighbour.
    private static let spawning = Lock(0)

    /// Runs `body` while no child is started, so that no child inherits what it opens for a moment. An inherited file
    /// would look as if it were written again.
    static func apart<Result>(_ body: () throws -> Result) rethrows -> Result {
        try spawning.withLock { _ in try body() }
    }

    package static func makePipe() throws -> (read: Int32, write: Int32) {
        try apart {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw RedisServer.Failure(description: "no pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }
    }

    /// The output of a child from the other end of `output`, until `isEnough` holds or the child ends.
    package static func said(on output: Int32, until isEnough: (String) -> Bool = { _ in false }) -> String {
        var said: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !isEnough(String(decoding: said, as: UTF8.self)) {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { break }
            said += buffer[..<count]
        }
        return String(decoding: said, as: UTF8.self)
    }

    /// Waits for a child's end. Returns its exit code, or 128 plus the signal that ended it, as in a shell.
    package static func end(of process: Int32) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// Runs `command` to its end. `said` is its standard output and standard error.
    package static func run(_ command: [String], environment: [String]? = nil) throws -> (code: Int32, said: String) {
        let (read, write) = try makePipe()
        defer { close(read) }
        let process: Int32
        do {
            defer { close(write) }
            process = try self.process(command, environment: environment, output: write)
        }
        let said = said(on: read)
        return (end(of: process), said)
    }

    /// Starts `command` with the given descriptors and environment (`NAME=value` each); nil means this process' own.
    package static func process(
        _ command: [String],
        environment: [String]? = nil,
        input: Int32? = nil,
        output: Int32? = nil
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        for descriptor in 1...2 {
            if let output { posix_spawn_file_actions_adddup2(&actions, output, Int32(descriptor)) }
        }
        // A child keeps no other descriptors. Otherwise a pipe that another test reads would end only with this child,
        // and a lifeline inherited by two servers would not end at all; Foundation's pipes are inherited too.
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        // Threads of the tests may have blocked signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = command.map { strdup($0) }
        let variables = environment?.map { strdup($0) }
        defer { (arguments + (variables ?? [])).forEach { free($0) } }
        var process = pid_t()
        let code = spawning.withLock { count in
            count += 1
            guard let variables else {
                return posix_spawnp(&process, command[0], &actions, &attributes, arguments + [nil], environ)
            }
            return posix_spawnp(&process, command[0], &actions, &attributes, arguments + [nil], variables + [nil])
        }
        guard code == 0 else {
            throw RedisServer.Failure(description: "\(command[0]): \(String(cString: strerror(code)))")
        }
        return process
    }
}
