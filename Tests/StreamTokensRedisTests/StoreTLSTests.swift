#if TLS
import FunctionEventLoop
import FunctionRedis
import StreamTokensRedis
import Support
import FunctionTLS
import Testing

@Suite("The store on Redis over TLS")
struct StoreTLSTests {
    private static let server = Result { try RedisServer(.tls()) }
    private static let client = Result {
        let loop = try EventLoop()
        loop.runOnNewThread()
        return RedisClient(try server.get().url, on: loop, timeout: .seconds(30), tls: try .ofTests())
    }

    @Test("it fulfils the contract", arguments: StoreContract.all)
    func contract(_ contract: StoreContract) async throws {
        let clock = ManualClock()
        let store = RedisTokenStore(client: try Self.client.get(), clock: { clock.now })
        try await contract.run(on: StoreFixture(store, clock))
    }
}
#endif
