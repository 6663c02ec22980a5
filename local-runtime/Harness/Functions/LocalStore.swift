import FunctionCore
package import FunctionEventLoop
package import FunctionRedis
package import FunctionRuntime
package import LocalRuntimeConsole
package import StreamTokens
import StreamTokensRedis

/// Where a run of the local runtime keeps tokens: in memory or in a Redis server, by the system's time or the server's
/// own, or by a clock that stands still until it is moved on.
package struct LocalStore: Sendable, CustomStringConvertible {
    package typealias Base = Administration & TokenStore
    /// Milliseconds since 1970.
    package typealias Clock = @Sendable () -> Int

    /// A server, and the connection to it on the loop that the store was made on.
    package struct Redis: Sendable {
        package let server: RedisLocation.Server
        package let client: RedisClient
        /// To each other loop that asked for one.
        fileprivate let others = Lock<[RedisClient]>([])
    }

    /// The store as it is administered, from the loop that it was made on.
    package let administration: any Base
    /// Nil in memory.
    package let redis: Redis?
    private let clock: Clock?

    /// An empty store in memory.
    package init(by clock: Clock? = nil) {
        self.init(nil, by: clock)
    }

    /// The store in `server`, which is first connected to when it is asked; in memory where that is nil.
    package init(_ server: RedisLocation.Server?, on loop: EventLoop, by clock: Clock? = nil) {
        self.init(server.map { Redis(server: $0, client: $0.client(on: loop)) }, by: clock)
    }

    private init(_ redis: Redis?, by clock: Clock?) {
        self.redis = redis
        self.clock = clock
        administration =
            redis.map { Self.store($0.client, by: clock) }
            ?? MemoryTokenStore(clock: clock ?? { WallClock.milliseconds })
    }

    private static func store(_ client: RedisClient, by clock: Clock?) -> RedisTokenStore {
        clock.map { RedisTokenStore(client: client, clock: $0) } ?? RedisTokenStore(client: client)
    }

    /// A store that goes by another clock: in memory an empty one, else the same server over the same connection.
    package func beside(by clock: Clock?) -> LocalStore {
        LocalStore(redis, by: clock)
    }

    /// The store as it was so many seconds ago by Redis' own clock; a clock that stands still is moved by its owner.
    package func secondsAgo(_ seconds: Int) -> any Base {
        guard let redis, clock == nil else { return administration }
        return RedisTokenStore(client: redis.client, clockOffset: -seconds * 1000)
    }

    /// The store as a function on the context's loop uses it.
    package func store(for context: LoopContext) -> any TokenStore {
        guard let redis else { return administration }
        let client = redis.server.client(
            on: context.loop,
            // A test's machine may be slow.
            timeout: clock == nil ? .seconds(1) : .seconds(3),
            looksAtSettings: clock == nil && context.index == 0
        ) { [log = context.log] cause in
            log.write(.warning, "redis") { $0.member("cause", cause) }
        }
        redis.others.withLock { $0.append(client) }
        return Self.store(client, by: clock)
    }

    /// Has the server answer, if there is one.
    package func ping() async throws(CommandFailure) {
        do throws(StoreError) {
            try await administration.ping()
        } catch {
            throw failure(error)
        }
    }

    /// Why a command cannot go on.
    package func failure(_ error: any Error) -> CommandFailure {
        .couldNotRun("\(redis?.server.url.description ?? description): \(error)\(StoreMend.text(for: "\(error)"))")
    }

    /// Closes the connections, whose loops have to run.
    package func close() async {
        guard let redis else { return }
        await redis.client.close()
        for client in redis.others.withLock(\.self) { await client.close() }
    }

    /// `in memory`, `in redis://…`
    package var description: String {
        redis.map { "in \($0.server.url)" } ?? "in memory"
    }
}

extension Administration {
    /// Makes a key of the organization, which is made if there is none; answers it with its secret.
    package func makeKey(
        of organization: String,
        name: String? = nil,
        _ rate: RateLimit
    ) async throws(StoreError) -> (key: APIKey, secret: String) {
        let random = SystemRandom()
        let organization = try await self.organization(named: organization) { Tag.random(random.next) }
        let (key, secret) = APIKey.random(tag: organization.tag, random.next)
        try await addKey(key, name: name, limit: rate)
        return (key, secret)
    }
}

extension RateLimit {
    /// The windows there are, in the whole seconds that people and fixtures write.
    package static let windowsInSeconds = 1...windows.upperBound / 1000

    /// A limit whose window is `seconds`; what is nil is as in the standard one.
    package init(limit: Int?, seconds: Int?) {
        self.init(limit: limit ?? Self.standard.limit, window: seconds.map { $0 * 1000 } ?? Self.standard.window)
    }

    /// The window in seconds.
    package var seconds: Double { Double(window) / 1000 }
}
