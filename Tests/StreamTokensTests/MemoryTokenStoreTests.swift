import StreamTokens
import Support
import Testing

@Suite("The store in memory")
struct MemoryTokenStoreTests {
    @Test("it fulfils the contract", arguments: StoreContract.all + StoreContract.runs)
    func contract(_ contract: StoreContract) async throws {
        let clock = ManualClock()
        try await contract.run(on: StoreFixture(MemoryTokenStore { clock.now }, clock))
    }

    @Test("its clock can be moved forward")
    func advance() async throws {
        let clock = ManualClock()
        let store = MemoryTokenStore { clock.now }
        let tenant = try await StoreFixture(store, clock).tenant()
        let token = try await tenant.mint(ttl: 60)
        await store.advance(milliseconds: 59_999)
        await expect(store.show(token), isNot: .unknown)
        await store.advance(milliseconds: 1)
        await expect(store.show(token), is: .unknown)
    }

    @Test("one of a hundred concurrent attempts gets the token")
    func race() async throws {
        let clock = ManualClock()
        let fixture = StoreFixture(MemoryTokenStore { clock.now }, clock)
        try await ReserveRace(fixture).run(on: [fixture.store])
    }

    @Test("repeated operations have the same outcome and change nothing", arguments: RandomSequence.seeds)
    func repetition(seed: UInt64) async throws {
        let clock = ManualClock()
        let (model, subject) = (MemoryTokenStore { clock.now }, MemoryTokenStore { clock.now })
        try await RandomSequence(model: model, subject: subject, clock: clock).run(seed: seed)
    }

    /// Only the seeds decide, so the same sequences have the same outcomes on any other store.
    @Test("the random operations of runs have every kind of outcome")
    func runs() async throws {
        var outcomes: [String: Int] = [:]
        for seed in RandomRuns.seeds.prefix(20) {
            let clock = ManualClock()
            let (model, subject) = (MemoryTokenStore { clock.now }, MemoryTokenStore { clock.now })
            let more = try await RandomRuns(model: model, subject: subject, clock: clock).run(seed: seed)
            outcomes.merge(more, uniquingKeysWith: +)
        }
        for expected in [
            "append appended", "append lost", "lose true", "lose false", "renewReader displaced", "renewReader gone",
            "renewReader current(isOwned: true)", "renewReader current(isOwned: false)", "attach refused",
            "attach attached(reader: 3, user: nil)",
            #"attach bound(to: ["https://a.example", "https://b.example"])"#,
            "renewOwner [StreamTokens.RunStanding.lost]",
            "renewOwner [StreamTokens.RunStanding.unread]", "renewOwner [StreamTokens.RunStanding.stopped]",
            "stop stopped", "stop refused", "events []",
        ] {
            #expect(outcomes.contains { $0.key == expected }, "\(expected) is not among \(outcomes.keys.sorted())")
        }
    }

    /// Only the seeds decide, so the same sequences take the same transitions on any other store.
    @Test("the random sequences take every transition of a token's life")
    func coverage() async throws {
        var missing = Set(TokenTransition.allCases)
        for seed in RandomSequence.seeds.prefix(20) {
            let clock = ManualClock()
            let (model, subject) = (MemoryTokenStore { clock.now }, MemoryTokenStore { clock.now })
            missing.subtract(try await RandomSequence(model: model, subject: subject, clock: clock).run(seed: seed))
        }
        #expect(missing == [], "no sequence took these")
    }
}
