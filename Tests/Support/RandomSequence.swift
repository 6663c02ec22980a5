public import FunctionEventLoop
import StreamTokens
import Testing

/// Runs the same random operations and steps of time on two stores, whose outcomes must be the same.
public struct RandomSequence {
    /// The seeds of a run: few, or with `LONG=1` in the environment many.
    public static let seeds = UInt64(1)...(LongRun.isOn ? 500 : 20)
    private static let operations = 400
    private static let steps = [0, 0, 1, 7, 333, 999, 1000, 5000, 14_999, 15_000, 35_000, 60_000, 100_000]

    private let model: any StoreFixture.Store
    private let subject: any StoreFixture.Store
    private let clock: ManualClock
    /// That of the subject's client; nil if it has none.
    private let loop: EventLoop?

    /// `model` defines the expected outcomes, `subject` is under test, and both use `clock`. `loop` is that of the
    /// subject's client.
    public init(
        model: any StoreFixture.Store,
        subject: any StoreFixture.Store,
        clock: ManualClock,
        on loop: EventLoop? = nil
    ) {
        self.model = model
        self.subject = subject
        self.clock = clock
        self.loop = loop
    }

    /// Runs until the first difference, if there is one, and removes the scenario. Returns the transitions taken.
    @discardableResult
    public func run(seed: UInt64) async throws -> Set<TokenTransition> {
        var random = SeededGenerator(seed: seed)
        var scenario = RandomScenario()
        var transitions = TokenTransitions()
        var history: [(time: Int, operation: StoreOperation)] = []
        try await prepare(scenario)
        var snapshot = try await StoreSnapshot(of: model, scenario)
        for index in 0..<Self.operations {
            if Int.random(in: 0..<7, using: &random) == 0 {
                clock.advance(step(from: snapshot, &random))
                let before = snapshot
                snapshot = try await StoreSnapshot(of: model, scenario)
                transitions.pass(before, snapshot)
            }
            let operation = scenario.nextOperation(after: snapshot, &random)
            history.append((clock.now, operation))
            let expected = try await operation.perform(on: model)
            if case .reserved(let reservation) = expected as? ReserveOutcome { scenario.learn(reservation) }
            switch expected as? AdmitOutcome {
            case .admitted(let reservation), .reserved(let reservation): scenario.learn(reservation)
            case .refused, nil: break
            }
            let before = snapshot
            snapshot = try await StoreSnapshot(of: model, scenario)
            transitions.note(operation, expected, before, snapshot, at: clock.now)

            var outcomes = [try await operation.perform(on: subject, loop)]
            if operation.isIdempotent, Bool.random(using: &random) {
                outcomes.append(try await operation.perform(on: subject, loop))
            }
            #expect(snapshot.organizations.values.allSatisfy { ($0.credits ?? 0) >= 0 }, "credits below 0")
            let isCompared = index.isMultiple(of: 10) || index == Self.operations - 1
            let subjectSnapshot = isCompared ? try await StoreSnapshot(of: subject, scenario) : snapshot
            guard outcomes.allSatisfy({ $0 == expected }), subjectSnapshot == snapshot else {
                Issue.record(
                    """
                    With seed \(seed) the stores differ after
                    \(history.suffix(20).map { "\($0.time): \($0.operation)" }.joined(separator: "\n"))
                    model: \(expected)
                    store: \(outcomes)
                    model: \(snapshot)
                    store: \(subjectSnapshot)
                    """
                )
                break
            }
        }
        for name in scenario.names { try await subject.removeOrganization(named: name) }
        return transitions.taken
    }

    /// How far to move the time: any step, or to a deadline of a token, or just before it.
    private func step(from snapshot: StoreSnapshot, _ random: inout SeededGenerator) -> Int {
        let (now, next) = (clock.now, snapshot.deadlines.filter { $0 > clock.now }.sorted().prefix(3))
        guard !next.isEmpty, Bool.random(using: &random) else {
            return Self.steps[Int.random(in: Self.steps.indices, using: &random)]
        }
        return next[Int.random(in: next.indices, using: &random)] - now - Int.random(in: 0...1, using: &random)
    }

    private func prepare(_ scenario: RandomScenario) async throws {
        for store in [model, subject] {
            for (name, tag) in zip(scenario.names, scenario.tags) {
                _ = try await store.organization(named: name) { tag }
                _ = try await store.setCredits(9, of: name)
            }
            for key in scenario.keys { try await store.addKey(key, limit: RateLimit(limit: 5, window: 1000)) }
        }
    }
}
