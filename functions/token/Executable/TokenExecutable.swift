import FunctionRuntime
import RedisTokenStore
import StoreWiring
import TokenFunction

/// Wires the token function to Redis, as the environment says.
enum TokenExecutable {
    static func run() -> Never {
        FunctionRuntime.run("token", summary: "Mints stream tokens: GET \(TokenFunction.path).") { settings in
            let redis = RedisSettings(&settings)
            let ttlPolicy = settings.choice(
                "TOKEN_TTL_POLICY",
                default: TTLPolicy.strict,
                "strict refuses a bad ttl, clamp brings it into 1 to 300"
            )
            guard let redis else { return nil }
            return { context in
                let store = redis.store(for: context)
                let random = context.random
                let function = TokenFunction(store: store, randomBits: { random.next() }, ttlPolicy: ttlPolicy)
                return FunctionInstance(
                    errorResponse: { status, code, _ in TokenFunction.errorResponse(status, code) },
                    checkReadiness: { try await store.ping() },
                    handler: { await function.handle($0) }
                )
            }
        }
    }
}
