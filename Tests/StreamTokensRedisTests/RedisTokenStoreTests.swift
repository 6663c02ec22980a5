import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("The store on Redis")
struct RedisTokenStoreTests {
    @Test("it fulfils the contract", arguments: StoreContract.all + StoreContract.runs)
    func contract(_ contract: StoreContract) async throws {
        let clock = ManualClock()
        try await contract.run(on: StoreFixture(try SharedRedis.store(clock), clock, on: try SharedRedis.loop))
    }

    @Test("one of a hundred concurrent attempts over two connections gets the token")
    func race() async throws {
        let clock = ManualClock()
        let stores = [try SharedRedis.store(clock), try SharedRedis.store(clock, client: 1)]
        try await ReserveRace(StoreFixture(stores[0], clock)).run(on: stores)
    }

    @Test("random operations of runs have the same outcomes as in memory", arguments: RandomRuns.seeds)
    func randomRuns(seed: UInt64) async throws {
        let clock = ManualClock()
        let model = MemoryTokenStore { clock.now }
        try await RandomRuns(model: model, subject: try SharedRedis.store(clock), clock: clock).run(seed: seed)
    }

    // Serialized, because finding a key by its id searches all organizations.
    @Test("random operations have the same outcomes as in memory", .serialized, arguments: RandomSequence.seeds)
    func randomSequence(seed: UInt64) async throws {
        let clock = ManualClock()
        let model = MemoryTokenStore { clock.now }
        let subject = try SharedRedis.store(clock)
        let sequence = RandomSequence(model: model, subject: subject, clock: clock, on: try SharedRedis.loop)
        try await sequence.run(seed: seed)
    }
}
