package import FunctionEventLoop
import Glibc

/// The end of a command that goes on until it is told to end.
package enum Interruption {
    /// Blocks SIGINT and SIGTERM. Before any thread starts, which inherits that.
    package static func block() {
        SignalSource.block([SIGINT, SIGTERM])
    }

    /// Waits for SIGINT or SIGTERM, which are blocked, or until `task` has ended; the second signal ends the process at
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
        // Without signals the process would not end anyway.
        if source != nil { await signal.wait() }
    }

    /// Does something, cancelled by SIGINT or SIGTERM as above, and returns nil if it was interrupted.
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
