import FunctionCore
import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// The ways in which an environment ends: its process exits or times out, its initialization fails, or it is shut down.
extension ExecutionEnvironment {
    /// The time from SIGTERM to SIGKILL (docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
    private static var warning: Interval { .milliseconds(500) }

    /// Ends the process, with SIGTERM first if it has registered an extension. Does not wait for it: see ``gone``.
    func shutDown() {
        guard !isEnded else { return }
        end { .shutDown($0) }
        guard hasExtension else { kill(); return }
        thaw()
        process?.signal(SIGTERM)
        killLater()
    }

    /// An invocation timed out. The Runtime API has no way to tell the process, so it is killed, unless it may run other
    /// invocations.
    package func timedOut(_ invocation: LambdaInvocation) {
        invocation.fail(.timedOut(invocation.id, after: settings.timeout))
        report(invocation)
        guard settings.slots == 1 else { return state.forget(invocation.id) }
        kill()
        end { .timedOut($0, after: settings.timeout) }
    }

    func initTimedOut() {
        guard state.phase == .starting else { return }
        kill()
        logFailedInit(type: "Sandbox.Timedout")
        end { .timedOut($0, after: settings.initTimeout) }
    }

    /// The process has reported why it cannot start, and should exit by itself.
    func initFailed(_ error: FunctionError) {
        logFailedInit(type: error.type)
        end { _ in error }
        killLater()
    }

    /// Called when the process is a zombie; reaps it.
    func processEnded() async {
        guard let process else { return }
        if state.phase == .starting { logFailedInit(type: "Runtime.ExitError") }
        state.leave()
        platform.processGuard.remove(process.id)
        let exit = process.reap()
        // Another process may get its id from here on.
        self.process = nil
        // Its last response may still be on its way.
        await closeAPI()
        end { .exited($0, exit) }
        closeLog()
        gone.fulfil()
    }

    /// Takes no more invocations, and fails those that are not over.
    private func end(_ error: (_ id: String) -> FunctionError) {
        state.end()
        initTimer?.cancel()
        for invocation in invocations.values {
            // A caller that already has its result does not get this one.
            invocation.fail(error(invocation.id))
            report(invocation)
        }
    }

    /// The line also goes into the log of each invocation that waited for the initialization.
    private func logFailedInit(type: String) {
        guard let process else { return }
        drainLog()
        let line = Report.failedInit(.now - process.start, type: type)
        platform.log.line(line)
        for invocation in invocations.values { invocation.tail?.append("\(line)\n".utf8) }
    }

    private func kill() {
        measureMemory()
        process?.signal(SIGKILL)
    }

    private func killLater() {
        _ = Timer(on: loop, at: .now + Self.warning) { [weak self] in self?.assumeIsolated { $0.kill() } }
    }
}
