import Foundation
import Glibc
import Support

/// `local-runtime` as a process in a test's folder.
struct CommandProcess {
    let folder: TemporaryFolder
    private let id: pid_t

    /// The exit code as a shell has it in `$?`, and the output.
    struct Ending {
        let code: Int32
        let output: String
        let messages: String
    }

    static let command = URL(fileURLWithPath: ReplayRun.executables).appendingPathComponent("local-runtime").path

    /// The shell words that run a command without root's rights; nil if that is not possible here.
    static let unprivileged: String? = {
        guard geteuid() == 0 else { return "exec" }
        let prefix = "exec setpriv --reuid=65534 --regid=65534 --clear-groups"
        guard let id = try? Spawn.process(["/bin/sh", "-c", "\(prefix) '\(command)' --version >/dev/null 2>&1"]) else {
            return nil
        }
        return Spawn.end(of: id) == 0 ? prefix : nil
    }()

    /// Starts the command with the arguments `words` in a shell, between the texts `run` and `behind`.
    init(
        _ words: String,
        in folder: TemporaryFolder,
        run: String = "exec",
        behind: String = "> out 2> err",
        environment: [String] = []
    ) throws {
        self.folder = folder
        id = try Spawn.process(
            ["/bin/sh", "-c", "cd '\(folder.path)' && \(run) '\(Self.command)' \(words) \(behind)"],
            environment: ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/"] + environment
        )
    }

    func signal(_ number: Int32) {
        kill(id, number)
    }

    /// Waits for the process to end. The code after a signal is that of a shell.
    func ended() throws -> Ending {
        let watchdog = try Watchdog(killing: id)
        var information = siginfo_t()
        // Not reaped yet, so that its id cannot be reused while the watchdog has it.
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        watchdog.dismiss()
        return Ending(code: Spawn.end(of: id), output: read("out"), messages: read("err"))
    }

    func read(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder.path)/\(file)") ?? Data(), as: UTF8.self)
    }
}
