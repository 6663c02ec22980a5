import FunctionCore
package import FunctionEventLoop
import LocalRuntimeConsole

/// The environments of one function. It chooses the one that runs an invocation.
package actor EnvironmentPool {
    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private let settings: LambdaSettings
    private let platform: ExecutionEnvironment.Platform
    private var environments: [ExecutionEnvironment] = []
    private var isClosed = false
    /// Invocations that wait for an environment that is about to be free.
    private var waiting: [Promise<Void>] = []
    /// How long they wait before a new environment is started.
    private static let waitingTime = Interval.milliseconds(20)

    package init(_ settings: LambdaSettings, _ platform: ExecutionEnvironment.Platform, on loop: EventLoop) {
        self.settings = settings
        self.platform = platform
        self.loop = loop
    }

    /// Runs the function in the most recently used environment with room, otherwise in a new one if the limit allows it.
    func invoke(_ invocation: LambdaInvocation) async -> InvocationResult {
        await freeEnvironment()
        place(invocation)
        return await invocation.result.wait()
    }

    /// Waits for an environment that is about to be free. A caller that invokes again right after a response is usually
    /// faster than the process, which first has to ask for its next event; that should not start another environment.
    private func freeEnvironment() async {
        guard environments.allSatisfy({ $0.assumeIsolated { !$0.hasRoom } }),
            environments.contains(where: { $0.assumeIsolated { $0.state.isAboutToBeFree } })
        else { return }
        let free = Promise<Void>()
        waiting.append(free)
        let timer = Timer(on: loop, at: .now + Self.waitingTime) { free.fulfil() }
        await free.wait()
        timer.cancel()
    }

    /// An environment has finished an invocation.
    private func environmentBecameFree() {
        for free in waiting { free.fulfil() }
        waiting = []
    }

    /// Ends every process and waits until all are gone.
    package func close() async {
        isClosed = true
        shutDown()
        for environment in environments { await environment.gone.wait() }
    }

    /// Gives the invocation to an environment, or fails it.
    private func place(_ invocation: LambdaInvocation) {
        guard !isClosed else { return invocation.refuse(.failed(.shutDown(invocation.id))) }
        environments.removeAll { $0.gone.isFulfilled }
        let free = environments.filter { $0.assumeIsolated { $0.hasRoom } }
        if let last = free.max(by: { $0.assumeIsolated { $0.lastUse } < $1.assumeIsolated { $0.lastUse } }) {
            return last.assumeIsolated { $0.take(invocation) }
        }
        guard environments.count(where: { $0.assumeIsolated { !$0.isEnded } }) < settings.concurrency else {
            return invocation.refuse(.throttled)
        }
        let environment = ExecutionEnvironment(settings, platform, on: loop) { [weak self] in
            self?.assumeIsolated { $0.environmentBecameFree() }
        }
        do {
            try environment.assumeIsolated { try $0.start() }
        } catch {
            let failure = FunctionError.notStarted(invocation.id, "\(error)")
            let text = failure.logged.map { $0 + "\n" } ?? ""
            platform.log.text(text)
            invocation.tail?.append(text.utf8)
            environment.assumeIsolated { $0.closeLog() }
            loop.start { await environment.closeAPI() }
            return invocation.refuse(.failed(failure))
        }
        environments.append(environment)
        environment.assumeIsolated { $0.take(invocation) }
    }

    private func shutDown() {
        for environment in environments { environment.assumeIsolated { $0.shutDown() } }
    }
}
