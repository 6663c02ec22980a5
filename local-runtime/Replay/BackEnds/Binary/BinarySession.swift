import FunctionCore
import LocalRuntimeFixtures

/// One fixture's functions, in their own processes.
struct BinarySession: StoredSession {
    private let backEnd: BinaryBackEnd
    let store: GivenStore
    private let given: Given
    private let slots: Int
    /// The store's clock, in milliseconds since 1970; nil for Redis' own.
    private let time: (@Sendable () -> Int)?
    private let functions: EmulatedFunctions

    /// About how many processes share the requests of a parallel step.
    private static let processes = 8

    init(_ backEnd: BinaryBackEnd, _ store: GivenStore, _ fixture: Fixture, needsGate: Bool) {
        self.backEnd = backEnd
        self.store = store
        given = fixture.given
        let maxRequests = fixture.steps.map { $0.deliveries.reduce(0) { $0 + $1.times } }.max() ?? 1
        slots = min(1000, (maxRequests + Self.processes - 1) / Self.processes)
        let time: @Sendable () -> Int = { store.now }
        self.time = needsGate ? time : nil
        functions = backEnd.functions(fixture.given, .none, slots: slots, time: self.time)
    }

    func deliver(_ request: Request, under faults: Faults) async throws -> Outcome? {
        guard !faults.isNone else { return try await functions.outcome(of: request) }
        let functions = backEnd.functions(given, faults, slots: slots, time: time)
        do {
            let outcome = try await functions.outcome(of: request)
            await functions.stop()
            return await functions.isKilled ? nil : outcome
        } catch {
            await functions.stop()
            throw error
        }
    }

    func end() async {
        await functions.stop()
        await store.remove()
    }
}

extension Faults {
    /// Whether the gate in front of Redis has to cause them.
    var needGate: Bool {
        switch store {
        case .slow, .lost: true
        case .down, nil: killed != nil
        }
    }
}
