import FunctionRuntime
import StreamTokensRedis
import StreamTokensTokenFunction
import StreamTokensTokenWiring
import StreamTokensWiring

/// Wires the token function to Redis, as the environment says.
@main
enum TokenExecutable {
    static func main() {
        Runtime.run("token", summary: "Mints stream tokens: GET \(TokenFunction.path).") { settings in
            let redis = RedisSettings(&settings)
            let tokens = TokenSettings(&settings)
            guard let redis else { return nil }
            return { context in
                let store = redis.store(for: context)
                var instance = tokens.instance(for: context, store: store)
                instance.rehearse(.minting, on: store, for: context)
                return instance
            }
        }
    }
}
