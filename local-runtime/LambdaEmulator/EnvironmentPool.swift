import FunctionCore
package import FunctionEventLoop
import LocalRuntimeConsole

/// The environments of one function: which of them an invocation goes to.
package actor EnvironmentPool {
    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private let settings: LambdaSettings
    private let platform: ExecutionEnvironment.Platform
    private var environments: [ExecutionEnvironment] = []
    private var isClosed = false
    /// Invocations that wait for an environment which is about to be free.
    private var waiting: [Promise<Void>] = []
    /// How long they do, before a new one is started.
    private static let patience = Interval.milliseconds(20)

    package init(_ settings: LambdaSettings, _ platform: ExecutionEnvironment.Platform, on loop: EventLoop) {
        self.settings = settings
        self.platform = platform
        self.loop = loop
    }

    /// Runs the function in the environment with room that was used last, else in a new one, if there may be one more.
    func invoke(_ invocation: LambdaInvocation) async -> InvocationAnswer {
        await freeEnvironment()
        place(invocation)
        return await invocation.answer.wait()
    }

    /// Who calls again as soon as it is answered is mostly faster than the process, which has to ask for the next event
    /// first: that is no reason to start another one.
    private func freeEnvironment() async {
        guard environments.allSatisfy({ $0.assumeIsolated { !$0.hasRoom } }),
            environments.contains(where: { $0.assumeIsolated { $0.state.isAboutToBeFree } })
        else { return }
        let free = Promise<Void>()
        waiting.append(free)
        let timer = Timer(on: loop, at: .now + Self.patience) { free.fulfil() }
        await free.wait()
        timer.cancel()
    }

    /// An environment has come to an invocation's end.
    private func environmentBecameFree() {
        for free in waiting { free.fulfil() }
        waiting = []
    }

    /// Ends every process, and returns when they are gone.
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
        let environment = ExecutionEnvironment(settings, platform, on: loop) { [unowned self] in
            assumeIsolated { $0.environmentBecameFree() }
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
