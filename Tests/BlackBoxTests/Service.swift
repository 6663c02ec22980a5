import FunctionEventLoop
import FunctionRedis
import Glibc
import StreamTokens
import StreamTokensRedis
import Support

/// A `token` process that serves, and a key for it.
struct Service {
    let redis: RedisServer
    let process: FunctionProcess
    let port: UInt16
    let key: String

    /// How many requests the key may make in a day.
    static let limit = 1_000_000

    /// Creates an organization with a key in `redis`, and starts `token` with it.
    init(_ redis: RedisServer, _ settings: [String: String] = [:], reads: Bool = true) async throws {
        self.redis = redis
        let key = try await Self.makeKey(redis)
        process = try FunctionProcess(.token, Self.environment(redis, settings), reads: reads)
        port = try await process.port()
        self.key = key
        try await isReady()
    }

    static func environment(_ redis: RedisServer, _ settings: [String: String] = [:]) -> [String: String] {
        ["HOST": "127.0.0.1", "PORT": "0", "REDIS_URL": redis.url.description].merging(settings) { $1 }
    }

    /// Makes a new organization and returns its key.
    static func makeKey(_ redis: RedisServer, password: String? = nil) async throws -> String {
        try await redis.withClient(password: password) { client in
            let bits: RandomBits = { .random(in: 0 ... .max) }
            let store = RedisTokenStore(client: client)
            let organization = try await store.organization(named: "organization \(bits())") { .random(bits) }
            let (key, text) = APIKey.random(tag: organization.tag, bits)
            try await store.addKey(key, limit: RateLimit(limit: limit, window: 86_400_000))
            return text
        }
    }

    /// Waits until readiness returns 200.
    func isReady() async throws {
        let client = Client(port: port)
        try await eventually("the function is ready") {
            try await client.ask("/health/readiness").status == 200
        }
        await client.close()
    }

    func mint() async throws -> ReceivedResponse {
        try await Client(port: port).ask(key: key, fields: "connection: close\r\n")
    }

    /// Waits until a token is minted, and returns how long that took.
    func isBack() async throws -> Interval {
        let start = Instant.now
        try await eventually("a token is minted again") { try await mint().status == 200 }
        return Instant.now - start
    }

    /// Ends it and returns its exit code.
    func end() async throws -> Int32 {
        process.signal(SIGTERM)
        return try await process.exitCode()
    }
}

extension RedisServer {
    /// Runs `body` with a client of this server.
    func withClient<Result>(
        password: String? = nil,
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        let url = RedisURL(url.endpoint, isEncrypted: url.isEncrypted, password: password)
        let client = RedisClient(url, on: testLoop, timeout: .seconds(10), tls: try tls)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    /// Executes a command.
    @discardableResult
    func command(_ name: StaticString, _ words: String...) async throws -> RedisReply {
        try await withClient { client in
            var command = RedisCommand(name)
            for word in words { command.append(word) }
            return try await client.perform(command)
        }
    }
}
