import FunctionCore
package import FunctionEventLoop
import FunctionRuntime
package import FunctionTesting
package import LocalRuntimeFixtures
import StreamTokens

/// Runs fixtures in this process, by one of the contracts.
package struct InProcess: BackEnd {
    package let contract: ReplayContract
    package var store = LocalStore()
    package let loop: EventLoop

    package init(contract: ReplayContract, store: LocalStore = LocalStore(), loop: EventLoop) {
        self.contract = contract
        self.store = store
        self.loop = loop
    }

    package var name: String { contract.rawValue }

    package func open(_ fixture: Fixture) async throws -> (fixture: Fixture, session: any Session) {
        if contract.collectsResponses, fixture.deliveries.contains(where: \.breaksOff) {
            throw Skipped("responses are collected there, so one that breaks off becomes a 502")
        }
        if contract.collectsResponses, fixture.given.opensAtOnce {
            throw Skipped("responses are collected there, so streams open at the first byte")
        }
        if contract.collectsResponses, fixture.given.settings.resumes {
            throw Skipped("responses are collected there, so streams cannot be resumed")
        }
        let fixture = store.redis == nil ? fixture : try fixture.withOwnSecrets()
        let given = try await GivenStore(fixture.given, in: store)
        return (fixture, InProcessSession(given: fixture.given, store: given, contract: contract, loop: loop))
    }
}

private struct InProcessSession: StoredSession {
    let given: Given
    let store: GivenStore
    let contract: ReplayContract
    let loop: EventLoop
    /// What goes on between deliveries: runs whose streams can be resumed.
    private let background = Lock<[Task<Void, Never>]>([])

    init(given: Given, store: GivenStore, contract: ReplayContract, loop: EventLoop) {
        self.given = given
        self.store = store
        self.contract = contract
        self.loop = loop
    }

    func deliver(_ request: Request, under faults: Faults) async throws -> Outcome? {
        guard faults.deadline == nil || contract == .direct else {
            throw Skipped("only --contract direct passes a platform's deadline to the handler")
        }
        guard faults.cut == nil || contract == .direct else {
            throw Skipped("only --contract direct keeps a function from one event to the next")
        }
        let store = store.store(under: faults)
        // Only a store without faults has the logs of streams that can be resumed.
        let isFaulty = given.isStoreDown || faults.store != nil || faults.killed != nil
        let own: any TokenStore = given.settings.resumes && !isFaulty ? self.store.store : store
        let workflow = faults.workflow ?? given.workflow
        let silence = (workflow as? GivenWorkflow)?.silence.map { Silence($0, in: self.store) }
        let made = Lock<[FunctionInstance]>([])
        var request = request
        request.timeLimit = faults.deadline?.duration
        let outcome = try await cancelling(after: faults.deadline) { [self, request] in
            let start = Instant.now
            let response = try await contract.response(to: request, on: loop) { loop in
                let functions = LocalFunctions(given.settings, for: .silent(on: loop), store: own) {
                    silence?.before(workflow ?? $0) ?? workflow ?? $0
                }
                silence?.renewLeases(by: functions)
                made.withLock { $0.append(functions.instance) }
                if given.settings.resumes, !contract.hasServer { keepRunning(functions.instance, on: loop) }
                return functions.instance
            }
            var outcome = try await Outcome(of: response, since: start, cutAfter: faults.cut)
            outcome.keepsChunks = contract.keepsChunks
            outcome.silence = silence?.contents
            return outcome
        }
        guard !store.isKilled else { return nil }
        // Releases what attempts of unknown outcome still hold, as a function does before its process is frozen.
        for functions in made.withLock({ $0 }) { await functions.settle() }
        return outcome
    }

    /// Runs the function's background until the session ends, as its server does.
    private func keepRunning(_ instance: FunctionInstance, on loop: EventLoop) {
        let task = loop.start { await instance.background() }
        background.withLock { $0.append(task) }
    }

    /// Cancels `body` after `span`, as a platform does at its deadline.
    private func cancelling(
        after span: TimeSpan?,
        _ body: @escaping @Sendable () async throws -> Outcome
    ) async throws -> Outcome {
        guard let span else { return try await body() }
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await body() }
            group.addTask { [loop] in
                try? await LoopClock(loop).sleep(for: span.duration)
                return nil
            }
            while let finished = try await group.next() {
                group.cancelAll()
                if let finished { return finished }
            }
            throw CancellationError()
        }
    }

    func end() async {
        for task in background.withLock(\.self) {
            task.cancel()
            await task.value
        }
        await store.remove()
    }
}
