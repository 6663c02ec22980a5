import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("The store on Redis")
struct RedisTokenStoreTests {
    @Test("it keeps the contract", arguments: StoreContract.all)
    func contract(_ contract: StoreContract) async throws {
        let clock = ManualClock()
        try await contract.run(on: StoreFixture(try SharedRedis.store(clock), clock))
    }

    @Test("of a hundred attempts at once over two connections, one gets the token")
    func race() async throws {
        let clock = ManualClock()
        let stores = [try SharedRedis.store(clock), try SharedRedis.store(clock, client: 1)]
        try await ReserveRace(StoreFixture(stores[0], clock)).run(on: stores)
    }

    // One after the other: keys are looked for in all organizations there are.
    @Test("random operations have the same answers as in memory", .serialized, arguments: RandomSequence.seeds)
    func randomSequence(seed: UInt64) async throws {
        let clock = ManualClock()
        let model = MemoryTokenStore { clock.now }
        let sequence = RandomSequence(model: model, subject: try SharedRedis.store(clock), clock: clock)
        try await sequence.run(seed: seed)
    }
}
