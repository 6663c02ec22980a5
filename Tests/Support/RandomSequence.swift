import Testing
import Tokens

/// The same random operations and steps of time on two stores, whose answers must be the same.
public struct RandomSequence {
    /// The seeds of a run: few, or with `LONG=1` in the environment many.
    public static let seeds = UInt64(1)...(LongRun.isOn ? 500 : 20)
    private static let operations = 250
    private static let steps = [0, 0, 1, 7, 333, 999, 1000, 5000, 14_999, 15_000, 35_000, 60_000, 100_000]

    private let model: any StoreFixture.Store
    private let subject: any StoreFixture.Store
    private let clock: ManualClock

    /// `model` says what is right, `subject` is under test, and both go by `clock`.
    public init(model: any StoreFixture.Store, subject: any StoreFixture.Store, clock: ManualClock) {
        self.model = model
        self.subject = subject
        self.clock = clock
    }

    /// Runs until the first difference, if there is one, and takes away what it made.
    public func run(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var scenario = RandomScenario()
        try await prepare(scenario)
        var history: [(time: Int, operation: StoreOperation)] = []
        for index in 0..<Self.operations {
            if Int.random(in: 0..<5, using: &random) == 0 {
                let step = Self.steps[Int.random(in: Self.steps.indices, using: &random)]
                clock.advance(step)
            }
            let operation = scenario.nextOperation(&random)
            history.append((clock.now, operation))
            let expected = try await operation.perform(on: model)
            var answers = [try await operation.perform(on: subject)]
            if operation.isIdempotent, Bool.random(using: &random) {
                answers.append(try await operation.perform(on: subject))
            }
            var states: [[AnyHashable]] = [[], []]
            if index.isMultiple(of: 10) || index == Self.operations - 1 {
                states = [try await scenario.describe(model), try await scenario.describe(subject)]
            }
            guard answers.allSatisfy({ $0 == expected }), states[0] == states[1] else {
                Issue.record(
                    """
                    With seed \(seed) the stores differ after
                    \(history.suffix(20).map { "\($0.time): \($0.operation)" }.joined(separator: "\n"))
                    model: \(expected)
                    store: \(answers)
                    model: \(states[0])
                    store: \(states[1])
                    """
                )
                break
            }
        }
        for name in scenario.names { try await subject.removeOrganization(named: name) }
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
