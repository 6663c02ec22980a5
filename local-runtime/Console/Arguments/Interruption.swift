package import FunctionEventLoop
import Glibc

/// Ends a command that runs until it is interrupted.
package enum Interruption {
    /// Blocks SIGINT and SIGTERM. Call it before any thread starts: threads inherit the signal mask.
    package static func block() {
        SignalSource.block([SIGINT, SIGTERM])
    }

    /// Waits for SIGINT or SIGTERM, which must be blocked, or until `task` has ended. A second signal ends the process at
    /// once.
    package static func wait(on loop: EventLoop, orUntil task: Task<Void, Never>? = nil) async {
        let signal = Promise<Void>()
        if let task {
            loop.start {
                await task.value
                if !signal.isFulfilled { signal.fulfil() }
            }
        }
        let source = try? SignalSource([SIGINT, SIGTERM], on: loop) { _ in
            if signal.isFulfilled { exit(ExitCode.success.rawValue) }
            signal.fulfil()
        }
        // Without a signal source nothing could end the wait.
        if source != nil { await signal.wait() }
    }

    /// Runs `body`, which SIGINT or SIGTERM cancels; returns nil if it was interrupted. A second signal ends the process.
    package static func cancels<Result: Sendable>(
        on loop: EventLoop,
        _ body: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let task = Task(executorPreference: loop) { await body() }
        _ = try? SignalSource([SIGINT, SIGTERM], on: loop) { _ in
            if task.isCancelled { exit(ExitCode.couldNotRun.rawValue) }
            task.cancel()
        }
        let result = await task.value
        return task.isCancelled ? nil : result
    }
}
