import FunctionRuntime
import StreamTokensRedis
import StreamTokensTokenFunction
import StreamTokensTokenWiring
import StreamTokensWiring

/// Runs the token function with Redis, by the settings in the environment.
@main
enum TokenExecutable {
    static func main() {
        Runtime.run("token", summary: "Mints stream tokens: GET or POST \(TokenFunction.path).") { settings in
            let redis = RedisSettings(&settings, for: .minting)
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
