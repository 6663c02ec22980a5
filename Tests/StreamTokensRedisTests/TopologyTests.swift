import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("The store on several servers")
struct TopologyTests {
    enum Topology: CaseIterable {
        case cluster
        case sentinel

        private static let clusterClient = Task { try client(of: try await SharedServers.cluster.url) }
        private static let sentinelClient = Task { try client(of: try await SharedServers.sentinel.url) }

        /// The store that all tests share, with this clock.
        func store(_ clock: ManualClock) async throws -> RedisTokenStore {
            let client =
                switch self {
                case .cluster: try await Self.clusterClient.value
                case .sentinel: try await Self.sentinelClient.value
                }
            return RedisTokenStore(client: client, clock: { clock.now })
        }

        private static func client(of url: RedisURL) throws -> RedisClient {
            let loop = try EventLoop()
            loop.runOnNewThread()
            return RedisClient(url, on: loop, timeout: .seconds(30))
        }
    }

    @Test("it fulfils the contract", arguments: Topology.allCases, StoreContract.all)
    func contract(_ topology: Topology, _ contract: StoreContract) async throws {
        let clock = ManualClock()
        try await contract.run(on: StoreFixture(try await topology.store(clock), clock))
    }

    // Serialized, because finding a key by its id searches all organizations.
    @Test(
        "random operations have the same outcomes as in memory",
        .serialized,
        arguments: Topology.allCases,
        RandomSequence.seeds
    )
    func randomSequence(_ topology: Topology, seed: UInt64) async throws {
        let clock = ManualClock()
        let model = MemoryTokenStore { clock.now }
        let sequence = RandomSequence(model: model, subject: try await topology.store(clock), clock: clock)
        try await sequence.run(seed: seed)
    }

    @Test("one of a hundred concurrent attempts gets the token")
    func race() async throws {
        let clock = ManualClock()
        let store = try await Topology.cluster.store(clock)
        try await ReserveRace(StoreFixture(store, clock)).run(on: [store])
    }
}
