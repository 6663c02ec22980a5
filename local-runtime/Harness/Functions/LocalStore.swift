import FunctionCore
package import FunctionEventLoop
package import FunctionRedis
package import FunctionRuntime
package import LocalRuntimeConsole
package import StreamTokens
import StreamTokensRedis

/// The store of a run of the local runtime: in memory or in a Redis server. It goes by the system's clock, the server's
/// own, or a clock that stands still until it is moved.
package struct LocalStore: Sendable, CustomStringConvertible {
    package typealias Base = Administration & TokenStore
    /// Milliseconds since 1970.
    package typealias Clock = @Sendable () -> Int

    /// A server, and the connection to it on the loop of the store.
    package struct Redis: Sendable {
        package let server: RedisLocation.Server
        package let client: RedisClient
        /// The connections of other loops, made when they ask for one.
        fileprivate let others = Lock<[RedisClient]>([])
    }

    /// The store for administration, on the loop that it was made on.
    package let administration: any Base
    /// Nil for a store in memory.
    package let redis: Redis?
    private let clock: Clock?

    /// An empty store in memory.
    package init(by clock: Clock? = nil) {
        self.init(nil, by: clock)
    }

    /// The store in `server`, or in memory if that is nil. It connects with the first command.
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

    /// A store with another clock: in memory an empty one, otherwise the same server over the same connection.
    package func beside(by clock: Clock?) -> LocalStore {
        LocalStore(redis, by: clock)
    }

    /// The store with a clock that is this many seconds behind Redis' own. A clock that stands still is not changed here.
    package func secondsAgo(_ seconds: Int) -> any Base {
        guard let redis, clock == nil else { return administration }
        return RedisTokenStore(client: redis.client, clockOffset: -seconds * 1000)
    }

    /// The store for a function on the context's loop.
    package func store(for context: LoopContext) -> any TokenStore {
        guard let redis else { return administration }
        let client = redis.server.client(
            on: context.loop,
            // Tests may run on a slow machine.
            timeout: clock == nil ? .seconds(1) : .seconds(3),
            looksAtSettings: clock == nil && context.index == 0
        ) { [log = context.log] cause in
            log.write(.warning, "redis") { $0.member("cause", cause) }
        }
        redis.others.withLock { $0.append(client) }
        return Self.store(client, by: clock)
    }

    /// Waits for a reply of the server, if there is one.
    package func ping() async throws(CommandFailure) {
        do throws(StoreError) {
            try await administration.ping()
        } catch {
            throw failure(error)
        }
    }

    /// The failure of a command for an error of the store.
    package func failure(_ error: any Error) -> CommandFailure {
        .couldNotRun("\(redis?.server.url.description ?? description): \(error)\(StoreMend.text(for: "\(error)"))")
    }

    /// Closes the connections. Their loops must be running.
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
    /// Makes a key of the organization, and returns it with its secret. Also makes the organization if there is none.
    package func makeKey(
        of organization: String,
        name: String? = nil,
        _ rate: RateLimit,
        requiresPolicy: Bool = false
    ) async throws(StoreError) -> (key: APIKey, secret: String) {
        let random = SystemRandom()
        let organization = try await self.organization(named: organization) { Tag.random(random.next) }
        let (key, secret) = APIKey.random(tag: organization.tag, random.next)
        try await addKey(key, name: name, limit: rate, requiresPolicy: requiresPolicy)
        return (key, secret)
    }
}

extension RateLimit {
    /// The possible windows, in whole seconds as people and fixtures write them.
    package static let windowsInSeconds = 1...windows.upperBound / 1000

    /// A limit whose window is `seconds`. Nil is the default.
    package init(limit: Int?, seconds: Int?) {
        self.init(limit: limit ?? Self.default.limit, window: seconds.map { $0 * 1000 } ?? Self.default.window)
    }

    /// The window in seconds.
    package var seconds: Double { Double(window) / 1000 }
}
