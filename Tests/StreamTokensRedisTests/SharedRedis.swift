import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support

/// One redis-server and two clients with a loop each, for all tests of the process: each test has its own
/// organizations. The server ends with the process.
enum SharedRedis {
    static let server = Result { try RedisServer() }
    private static let clients = Result {
        let url = try server.get().url
        return try (0..<2).map { _ in
            let loop = try EventLoop()
            loop.runOnNewThread()
            return (client: RedisClient(url, on: loop, timeout: .seconds(30)), loop: loop)
        }
    }

    static func client(_ index: Int = 0) throws -> RedisClient {
        try clients.get()[index].client
    }

    /// The loop of the first client.
    static var loop: EventLoop {
        get throws { try clients.get()[0].loop }
    }

    static func store(_ clock: ManualClock, client index: Int = 0) throws -> RedisTokenStore {
        RedisTokenStore(client: try client(index), clock: { clock.now })
    }
}
