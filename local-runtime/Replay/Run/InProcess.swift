import FunctionCore
package import FunctionEventLoop
import FunctionRuntime
package import FunctionTesting
package import LocalRuntimeFixtures

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

    func deliver(_ request: Request, under faults: Faults) async throws -> Outcome? {
        guard faults.deadline == nil || contract == .direct else {
            throw Skipped("only --contract direct passes a platform's deadline to the handler")
        }
        let store = store.store(under: faults)
        let workflow = faults.workflow ?? given.workflow
        let silence = (workflow as? GivenWorkflow)?.silence.map { Silence($0, in: self.store) }
        let made = Lock<[FunctionInstance]>([])
        var request = request
        request.timeLimit = faults.deadline?.duration
        let outcome = try await cancelling(after: faults.deadline) { [self, request] in
            let start = Instant.now
            let response = try await contract.response(to: request, on: loop) { loop in
                let functions = LocalFunctions(given.settings, for: .silent(on: loop), store: store) {
                    silence?.before(workflow ?? $0) ?? workflow ?? $0
                }
                silence?.renewLeases(by: functions)
                made.withLock { $0.append(functions.instance) }
                return functions.instance
            }
            var outcome = try await Outcome(of: response, since: start)
            outcome.keepsChunks = contract.keepsChunks
            outcome.silence = silence?.contents
            return outcome
        }
        guard !store.isKilled else { return nil }
        // Releases what attempts of unknown outcome still hold, as a function does before its process is frozen.
        for functions in made.withLock({ $0 }) { await functions.settle() }
        return outcome
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
        await store.remove()
    }
}
