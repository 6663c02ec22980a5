import FunctionEventLoop
import FunctionRedis
import FunctionTLS
import Glibc
import StreamTokens
import StreamTokensRedis
import Support

/// A `stream` process that serves, and an organization with tokens for it.
///
/// The test's own store connects to Redis directly, even if there is a proxy between Redis and the process.
struct StreamService: Sendable {
    let redis: RedisServer
    let process: FunctionProcess
    let port: UInt16
    let organization: TestOrganization

    /// Starts `stream` with `redis`, or with a proxy in front of it at `url`.
    init(
        _ redis: RedisServer,
        credits: Int? = nil,
        at url: RedisURL? = nil,
        _ settings: [String: String] = [:],
        descriptors: Int? = nil
    ) async throws {
        self.redis = redis
        organization = try await TestOrganization(redis, credits: credits)
        let environment = Service.environment(redis, ["REDIS_URL": (url ?? redis.url).description, "LOOPS": "1"])
        process = try FunctionProcess(.stream, environment.merging(settings) { $1 }, descriptors: descriptors)
        port = try await process.port()
        try await isReady()
    }

    func isReady() async throws {
        let client = Client(port: port)
        try await eventually("the function is ready") { try await client.ask("/health/readiness").status == 200 }
        await client.close()
    }

    /// Opens a stream and reads all of it.
    func open(_ token: String, _ request: StreamRequest = .echo("one two three")) async throws -> ReceivedResponse {
        let client = StreamClient(port: port)
        let response = try await client.ask(request.text(token))
        await client.close()
        return response
    }

    /// Opens a stream and reads its beginning.
    func begin(_ token: String, _ request: StreamRequest) async throws -> StreamClient {
        let client = StreamClient(port: port)
        try await client.send(request.text(token))
        try await client.receive(through: "1\n")
        return client
    }

    /// Waits until the process hardly uses the processor, because the buffers to clients that do not read are full.
    func isBlocked() async throws {
        try await eventually("the function waits") {
            let before = try process.processorTime
            await testLoop.start { await testLoop.sleep(until: .now + .milliseconds(100)) }.value
            return try process.processorTime <= before
        }
    }

    /// Ends it and returns its exit code.
    func end() async throws -> Int32 {
        process.signal(SIGTERM)
        return try await process.exitCode()
    }
}

/// An organization in Redis, with a key.
final class TestOrganization: Sendable {
    let store: RedisTokenStore
    private let client: RedisClient
    let name: String
    let key: APIKey
    let keyText: String

    convenience init(_ redis: RedisServer, credits: Int? = nil) async throws {
        try await self.init(at: redis.url, tls: redis.tls, credits: credits)
    }

    init(at url: RedisURL, tls: TLSContext = .system, credits: Int? = nil) async throws {
        let bits: RandomBits = { .random(in: 0 ... .max) }
        client = RedisClient(url, on: testLoop, timeout: .seconds(10), looksAtSettings: false, tls: tls)
        store = RedisTokenStore(client: client)
        name = "organization \(bits())"
        let organization = try await store.organization(named: name) { .random(bits) }
        if let credits { _ = try await store.setCredits(credits, of: name) }
        (key, keyText) = APIKey.random(tag: organization.tag, bits)
        try await store.addKey(key, limit: RateLimit(limit: Service.limit, window: 86_400_000))
    }

    deinit {
        testLoop.start { [client] in await client.close() }
    }

    /// A live token's text; `policy` is written as a back end sends it.
    func mint(ttl: Int = 300, policy: String = "{}") async throws -> String {
        let (token, text) = StreamToken.random(tag: key.tag) { .random(in: 0 ... .max) }
        let policy = try MintRequest(reading: Array(policy.utf8)).policy
        guard case .minted = try await store.mint(token, with: key, ttl: ttl, policy: policy) else {
            throw Unmet(description: "no token was minted")
        }
        return text
    }

    func state(of token: String) async throws -> TokenState {
        try await store.show(StreamToken(token).orThrow("no token"))
    }

    func isLive(_ token: String) async throws -> Bool {
        if case .live = try await state(of: token) { true } else { false }
    }

    func isUsed(_ token: String) async throws -> Bool {
        if case .used = try await state(of: token) { true } else { false }
    }

    /// The remaining credits, the held reservations and the open streams.
    var balance: Balance {
        get async throws {
            let organization = try await store.findOrganization(named: name).orThrow("no organization")
            return Balance(credits: organization.credits, held: organization.held, open: organization.open)
        }
    }

    /// The number of members of the sorted set `held` or `open`, expired ones included.
    func members(of set: String) async throws -> Int {
        let command = RedisCommand("ZCARD", "st:{\(key.tag)}:\(set)")
        guard case .integer(let count) = try await client.perform(command) else {
            throw Unmet(description: "no count")
        }
        return count
    }
}

struct Balance: Hashable, Sendable {
    var credits: Int?
    var held = 0
    var open = 0
}
