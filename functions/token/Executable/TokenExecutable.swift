import EventLoop
import Function
import FunctionRuntime
import Redis
import RedisTokenStore
import TokenFunction

/// Wires the token function to Redis, as the environment says.
enum TokenExecutable {
    static func run() -> Never {
        FunctionRuntime.run("token", summary: "Mints stream tokens: GET \(TokenFunction.path).") { settings in
            let url = redisURL(&settings)
            let timeout = settings.integer(
                "REDIS_TIMEOUT_MS",
                in: 10...60_000,
                default: 1000,
                "how long an operation may take, its one repetition included"
            )
            let ttlPolicy = settings.choice(
                "TOKEN_TTL_POLICY",
                default: TTLPolicy.strict,
                "strict refuses a bad ttl, clamp brings it into 1 to 300"
            )
            guard let url else { return nil }
            return { context in
                let log = context.log
                let client = RedisClient(
                    url,
                    on: context.loop,
                    timeout: .milliseconds(timeout),
                    looksAtSettings: context.index == 0
                ) { cause in
                    log.write(.warning, "redis") { $0.member("cause", cause) }
                }
                let store = RedisTokenStore(client: client)
                let random = context.random
                let function = TokenFunction(store: store, randomBits: { random.next() }, ttlPolicy: ttlPolicy)
                return FunctionInstance(
                    errorResponse: TokenFunction.errorResponse,
                    checkReadiness: { try await store.ping() },
                    handler: { await function.handle($0) }
                )
            }
        }
    }

    private static func redisURL(_ settings: inout Settings) -> RedisURL? {
        let summary = "redis://[user:password@]host[:port][/db] or unix:///path?db=N"
        guard let text = settings.text("REDIS_URL", default: "required", summary) else {
            settings.reject(
                "REDIS_URL",
                "must be set, such as redis://user:password@host:6379/0 (local-runtime serve needs no Redis)"
            )
            return nil
        }
        do throws(RedisURLError) {
            return try RedisURL(text)
        } catch {
            settings.reject("REDIS_URL", "is not usable: \(error)")
            return nil
        }
    }
}
