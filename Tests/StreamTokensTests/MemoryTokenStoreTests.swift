import StreamTokens
import Support
import Testing

@Suite("The store in memory")
struct MemoryTokenStoreTests {
    @Test("it fulfils the contract", arguments: StoreContract.all)
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
