import Glibc
import Synchronization

/// Keeps SIGINT, SIGTERM and SIGHUP from leaving a change to a store half done.
///
/// Before a change begins, a signal ends the process at once. A change that has begun runs to its end, which the store's
/// timeouts bound; a second signal ends the process anyway. A signal handler does this rather than the event loop, because
/// a command that reads a line blocks its loop.
package enum ChangeGuard {
    /// Computed properties: a signal handler must not wait for another thread to initialize a static one.
    private enum Phase {
        static var idle: Int { 0 }
        static var changing: Int { 1 }
        static var interrupted: Int { 2 }
        static var done: Int { 3 }
    }

    private static let phase = Atomic(Phase.idle)

    /// Installs the handler for this process. Call it before any thread starts that would wait for these signals.
    package static func install() {
        // Initializes the static property here, so that the handler is not the first to access it.
        phase.store(Phase.idle, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.sa_flags = SA_RESTART
        // Uses only write(2) and _exit(2), which are async-signal-safe (signal-safety(7)), constants, and an atomic word.
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
                : "local-runtime: interrupted; the change may have been made: check with keys list or orgs list\n"
            _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
            _exit(ExitCode.couldNotRun.rawValue)
        }
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaction(signal, &action, nil) }
    }

    /// Runs a change that must not be left half done.
    package static func changing<Result>(_ body: () async throws -> Result) async throws -> Result {
        phase.store(Phase.changing, ordering: .sequentiallyConsistent)
        defer { phase.store(Phase.done, ordering: .sequentiallyConsistent) }
        return try await body()
    }
}
