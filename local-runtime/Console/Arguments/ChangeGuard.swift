import Glibc
import Synchronization

/// What SIGINT, SIGTERM and SIGHUP do to a command that changes a store: nothing is left half done.
///
/// Until a change has begun they end the process at once, whatever it waits for. What has begun is brought to its end, which
/// a store's deadlines bound; a second signal ends the process all the same. A handler does this, and no loop, for a command
/// that reads a line keeps its loop waiting.
package enum ChangeGuard {
    /// Computed, as a handler must not wait for another thread to make them.
    private enum Phase {
        static var idle: Int { 0 }
        static var changing: Int { 1 }
        static var interrupted: Int { 2 }
        static var done: Int { 3 }
    }

    private static let phase = Atomic(Phase.idle)

    /// Has the signals of this process handled so. Before threads start that would wait for them otherwise.
    package static func install() {
        // The handler must not be the first to ask for it.
        phase.store(Phase.idle, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.sa_flags = SA_RESTART
        // Nothing but write(2) and _exit(2), which are async-signal-safe (signal-safety(7)), constants, and an atomic word.
        action.__sigaction_handler.sa_handler = { _ in
            let (exchanged, phase) = ChangeGuard.phase.compareExchange(
                expected: Phase.changing,
                desired: Phase.interrupted,
                ordering: .sequentiallyConsistent
            )
            guard !exchanged, phase != Phase.done else { return }
            let line: StaticString =
                phase == Phase.idle
                ? "local-runtime: interrupted; nothing was changed\n"
                : "local-runtime: interrupted; whether the change was made is not known: look with keys list or orgs list\n"
            _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
            _exit(ExitCode.couldNotRun.rawValue)
        }
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaction(signal, &action, nil) }
    }

    /// Does what must not be left half done.
    package static func changing<Result>(_ body: () async throws -> Result) async throws -> Result {
        phase.store(Phase.changing, ordering: .sequentiallyConsistent)
        defer { phase.store(Phase.done, ordering: .sequentiallyConsistent) }
        return try await body()
    }
}
