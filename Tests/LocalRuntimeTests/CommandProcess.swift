import Foundation
import Glibc
import Support

/// The command itself, as a process of its own, in a folder of a test's.
struct CommandProcess {
    let folder: TemporaryFolder
    private let id: pid_t

    /// What came of it: what a shell has in `$?`, and what was written.
    struct Ending {
        let code: Int32
        let output: String
        let messages: String
    }

    static let command = URL(fileURLWithPath: ReplayRun.executables).appendingPathComponent("local-runtime").path

    /// How somebody without rights of root runs it; nil if that cannot be had here.
    static let unprivileged: String? = {
        guard geteuid() == 0 else { return "exec" }
        let prefix = "exec setpriv --reuid=65534 --regid=65534 --clear-groups"
        guard let id = try? Spawn.process(["/bin/sh", "-c", "\(prefix) '\(command)' --version >/dev/null 2>&1"]) else {
            return nil
        }
        return Spawn.end(of: id) == 0 ? prefix : nil
    }()

    /// Starts `words` of the command; `run` is what stands before it, and `behind` what stands behind it, in a shell.
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

    /// Waits for its end; a signal's is told as a shell tells it.
    func ended() throws -> Ending {
        let watchdog = try Watchdog(killing: id)
        var information = siginfo_t()
        // It is not reaped yet: its id is nobody else's as long as the watchdog has it.
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        watchdog.dismiss()
        return Ending(code: Spawn.end(of: id), output: read("out"), messages: read("err"))
    }

    func read(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder.path)/\(file)") ?? Data(), as: UTF8.self)
    }
}
