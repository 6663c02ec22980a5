package import CFunctionLinux
package import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// A process that leads its own process group, to which everything it starts belongs.
package final class ChildProcess: Sendable {
    /// The id of the process and of its group.
    package let id: pid_t
    package let start: Instant

    /// Starts `path` in `folder`. The only descriptor it gets from this process is `log`, for its standard output and
    /// error.
    package init(
        _ path: String,
        _ arguments: [String] = [],
        in folder: String,
        environment: [String: String],
        log: Int32
    ) throws(SystemError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addchdir_np(&actions, folder)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Otherwise the child would inherit the signals that this process blocks and ignores.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let arguments = ([path] + arguments).map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (arguments + variables).forEach { free($0) } }
        start = .now
        var id = pid_t()
        let code = posix_spawn(&id, path, &actions, &attributes, arguments + [nil], variables + [nil])
        guard code == 0 else { throw SystemError("exec", code) }
        self.id = id
    }

    /// Sends a signal to the whole group. Must not be called after ``reap()``: another process may have the id by then.
    package func signal(_ number: Int32) {
        kill(-id, number)
    }

    /// Calls `action` on `loop` when the process has ended, before it is reaped.
    package func whenEnded(on loop: EventLoop, _ action: @escaping @Sendable () async -> Void) {
        do throws(SystemError) {
            try SystemThread.start { [id] in
                Self.waitForEnd(of: id)
                loop.start { await action() }
            }
        } catch {
            // No thread can be started, so poll.
            loop.start { [id] in
                while !Self.waitForEnd(of: id, WNOHANG) { await loop.sleep(until: .now + .milliseconds(20)) }
                await action()
            }
        }
    }

    /// Returns whether the process has ended. It stays a zombie until ``reap()``, so that nothing else gets its id.
    @discardableResult
    private static func waitForEnd(of id: pid_t, _ options: Int32 = 0) -> Bool {
        var information = siginfo_t()
        var result: Int32
        repeat {
            result = waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT | options)
        } while result < 0 && errno == EINTR
        // With WNOHANG, si_signo is 0 while the process lives (waitid(2)).
        return result < 0 || information.si_signo == SIGCHLD
    }

    /// Reaps the process, which must have ended, and kills the rest of its group.
    package func reap() -> ChildExit {
        signal(SIGKILL)
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return ChildExit(status: status)
    }

    /// Its peak memory so far, in bytes; nil once it has ended (VmHWM, proc_pid_status(5)).
    var peakMemory: Int? {
        guard let status = try? Input.read(file: "/proc/\(id)/status", upTo: 64 * 1024, takesPipes: false),
            let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first(where: {
                $0.hasPrefix("VmHWM:")
            })
        else { return nil }
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
