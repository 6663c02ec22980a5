public import StreamTokens
import Testing

/// A hundred concurrent attempts at one token, many times over.
public struct ReserveRace {
    /// Fifty, or a thousand with `LONG=1` in the environment.
    public static let rounds = LongRun.isOn ? 1000 : 50

    private let fixture: StoreFixture

    public init(_ fixture: StoreFixture) {
        self.fixture = fixture
    }

    /// Races through `stores`, which all have the fixture's content.
    public func run(on stores: [any TokenStore]) async throws {
        let tenant = try await fixture.tenant(limit: RateLimit(limit: 1_000_000, window: 1000))
        for round in 0..<Self.rounds {
            let token = try await tenant.mint()
            let outcomes = try await withThrowingTaskGroup(of: (Attempt, ReserveOutcome).self) { group in
                for index in 0..<100 {
                    let (store, attempt) = (stores[index % stores.count], fixture.attempt())
                    group.addTask { (attempt, try await store.reserve(token, for: attempt, lease: Tenant.lease)) }
                }
                var outcomes: [(attempt: Attempt, outcome: ReserveOutcome)] = []
                for try await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            let winners = outcomes.filter { if case .reserved = $0.outcome { true } else { false } }
            #expect(winners.count == 1, "round \(round)")
            #expect(outcomes.count { $0.outcome == .refused(.inUse) } == 99, "round \(round)")
            guard let winner = winners.first else { continue }
            try await expect(tenant.state().held, is: 1)
            try await fixture.store.release(token, for: winner.attempt)
        }
    }
}
