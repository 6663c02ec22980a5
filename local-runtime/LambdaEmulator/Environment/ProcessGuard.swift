package import CFunctionLinux
package import FunctionEventLoop
import Glibc

/// A helper process that kills the registered process groups when this process is gone, even by SIGKILL.
package final class ProcessGuard: Sendable {
    private let process: pid_t
    /// The guard reads the other end. A line lists all current groups; `end` tells the guard to exit; the end of the input
    /// means that this process is gone.
    private let lifeline: Int32
    private let groups = Lock<Set<pid_t>>([])

    private static let script = """
        while read -r line; do
            [ "$line" = end ] && exit
            groups=$line
        done
        for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
        """

    package init() throws(SystemError) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemError("socketpair")
        }
        lifeline = ends[0]
        defer { close(ends[1]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // In its own group, so that a signal from the terminal to this process's group does not end the guard first.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let words = ["sh", "-c", Self.script]
        let arguments = words.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        var id = pid_t()
        let code = posix_spawn(&id, "/bin/sh", &actions, &attributes, arguments + [nil], environ)
        guard code == 0 else {
            close(ends[0])
            throw SystemError("/bin/sh", code)
        }
        process = id
    }

    deinit {
        tell("end")
        close(lifeline)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    package func add(_ group: pid_t) {
        change { $0.insert(group) }
    }

    /// Must be called before the group's first process is reaped: another process may have the id afterwards.
    package func remove(_ group: pid_t) {
        change { $0.remove(group) }
    }

    private func change(_ change: (inout Set<pid_t>) -> Void) {
        groups.withLock { groups in
            change(&groups)
            tell(groups.map(String.init).joined(separator: " "))
        }
    }

    private func tell(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = send(lifeline, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
