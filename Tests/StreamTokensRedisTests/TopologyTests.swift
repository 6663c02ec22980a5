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

        private typealias Client = (client: RedisClient, loop: EventLoop)

        private static let clusterClient = Task { try client(of: try await SharedServers.cluster.url) }
        private static let sentinelClient = Task { try client(of: try await SharedServers.sentinel.url) }

        /// The store that all tests share, with this clock, and its loop.
        func store(_ clock: ManualClock) async throws -> (store: RedisTokenStore, loop: EventLoop) {
            let (client, loop) =
                switch self {
                case .cluster: try await Self.clusterClient.value
                case .sentinel: try await Self.sentinelClient.value
                }
            return (RedisTokenStore(client: client, clock: { clock.now }), loop)
        }

        private static func client(of url: RedisURL) throws -> Client {
            let loop = try EventLoop()
            loop.runOnNewThread()
            return (RedisClient(url, on: loop, timeout: .seconds(30)), loop)
        }
    }

    @Test("it fulfils the contract", arguments: Topology.allCases, StoreContract.all + StoreContract.runs)
    func contract(_ topology: Topology, _ contract: StoreContract) async throws {
        let clock = ManualClock()
        let (store, loop) = try await topology.store(clock)
        try await contract.run(on: StoreFixture(store, clock, on: loop))
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
        let (store, loop) = try await topology.store(clock)
        let sequence = RandomSequence(model: model, subject: store, clock: clock, on: loop)
        try await sequence.run(seed: seed)
    }

    @Test("one of a hundred concurrent attempts gets the token")
    func race() async throws {
        let clock = ManualClock()
        let store = try await Topology.cluster.store(clock).store
        try await ReserveRace(StoreFixture(store, clock)).run(on: [store])
    }
}
