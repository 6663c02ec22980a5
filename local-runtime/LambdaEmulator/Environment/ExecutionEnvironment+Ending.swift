import FunctionCore
import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// How an environment comes to its end: its process exits, time runs out, its initialization fails, or it is shut down.
extension ExecutionEnvironment {
    /// From SIGTERM to SIGKILL (docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
    private static var warning: Interval { .milliseconds(500) }

    /// Ends the process: with SIGTERM first if it has registered an extension. ``gone`` tells when it is done.
    func shutDown() {
        guard !isEnded else { return }
        end { .shutDown($0) }
        guard hasExtension else { kill(); return }
        thaw()
        process?.signal(SIGTERM)
        killLater()
    }

    /// An invocation's time is up. The process cannot be told of it: it is killed, but where it has others to go on with.
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

    /// The process has told why it cannot start; it is to exit by itself.
    func initFailed(_ error: FunctionError) {
        logFailedInit(type: error.type)
        end { _ in error }
        killLater()
    }

    /// The process is a zombie.
    func processEnded() async {
        guard let process else { return }
        if state.phase == .starting { logFailedInit(type: "Runtime.ExitError") }
        state.leave()
        platform.processGuard.remove(process.id)
        let exit = process.reap()
        // Its id is not its own any more.
        self.process = nil
        // Its last response may still be on its way.
        await closeAPI()
        end { .exited($0, exit) }
        closeLog()
        gone.fulfil()
    }

    /// Takes no more, and fails what is not over.
    private func end(_ error: (_ id: String) -> FunctionError) {
        state.end()
        initTimer?.cancel()
        for invocation in invocations.values {
            // Who has its answer already is not told another one.
            invocation.fail(error(invocation.id))
            report(invocation)
        }
    }

    /// In the log of whoever has waited for it, too.
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
