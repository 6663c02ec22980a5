package import CFunctionLinux
package import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// A process in a process group of its own, with all that it starts.
package final class ChildProcess: Sendable {
    /// Its id, and its group's.
    package let id: pid_t
    /// When it was started.
    package let start: Instant

    /// Starts `path` in `folder`, with nothing of this process but `log`, where both its outputs go.
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
        // What this process blocks and ignores would be inherited.
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

    /// Sends a signal to the whole group. Not to be called after ``reap()``: the id may be another's then.
    package func signal(_ number: Int32) {
        kill(-id, number)
    }

    /// Calls back on `loop` when the process has ended, and not been reaped yet.
    package func whenEnded(on loop: EventLoop, _ action: @escaping @Sendable () async -> Void) {
        do throws(SystemError) {
            try SystemThread.start { [id] in
                Self.waitForEnd(of: id)
                loop.start { await action() }
            }
        } catch {
            // As long as no more threads can be started, it is looked after from time to time.
            loop.start { [id] in
                while !Self.waitForEnd(of: id, WNOHANG) { await loop.sleep(until: .now + .milliseconds(20)) }
                await action()
            }
        }
    }

    /// Answers whether it has ended. It stays a zombie, so that its id, and its group's, stay its own until ``reap()``.
    @discardableResult
    private static func waitForEnd(of id: pid_t, _ options: Int32 = 0) -> Bool {
        var information = siginfo_t()
        var result: Int32
        repeat {
            result = waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT | options)
        } while result < 0 && errno == EINTR
        // With WNOHANG there is no signal in it as long as the process lives (waitid(2)).
        return result < 0 || information.si_signo == SIGCHLD
    }

    /// Forgets the process, which has ended, and ends what is left of its group.
    package func reap() -> ChildExit {
        signal(SIGKILL)
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return ChildExit(status: status)
    }

    /// The most memory that it has had until now, in bytes; nil if it has ended (VmHWM, proc_pid_status(5)).
    var peakMemory: Int? {
        guard let status = try? Input.read(file: "/proc/\(id)/status", upTo: 64 * 1024, takesPipes: false),
            let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first(where: {
                $0.hasPrefix("VmHWM:")
            })
        else { return nil }
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
