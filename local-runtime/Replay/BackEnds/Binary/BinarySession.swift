import FunctionCore
import LocalRuntimeFixtures

/// A fixture's own functions, in processes of their own.
struct BinarySession: StoredSession {
    private let backEnd: BinaryBackEnd
    let store: GivenStore
    private let given: Given
    private let slots: Int
    /// Nil where it is Redis' own.
    private let time: (@Sendable () -> Int)?
    private let functions: EmulatedFunctions

    /// Processes at once, among which the requests of a parallel step are spread.
    private static let processes = 8

    init(_ backEnd: BinaryBackEnd, _ store: GivenStore, _ fixture: Fixture, needsGate: Bool) {
        self.backEnd = backEnd
        self.store = store
        given = fixture.given
        let most = fixture.steps.map { $0.deliveries.reduce(0) { $0 + $1.times } }.max() ?? 1
        slots = min(1000, (most + Self.processes - 1) / Self.processes)
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
    /// Whether they are of a store that answers.
    var needGate: Bool {
        switch store {
        case .slow, .lost: true
        case .down, nil: killed != nil
        }
    }
}
