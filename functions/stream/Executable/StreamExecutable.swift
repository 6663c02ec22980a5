import FunctionRuntime
import StreamTokensRedis
import StreamTokensStreamWiring
import StreamTokensWiring

/// Wires the stream function to Redis and its workflows, as the environment says.
@main
enum StreamExecutable {
    static func main() {
        Runtime.run(
            "stream",
            summary: "Spends stream tokens: POST /api/v1/run/{workflow_id}/stream."
        ) { settings in
            let redis = RedisSettings(&settings)
            let streams = StreamSettings(&settings)
            guard let redis else { return nil }
            return { context in
                let store = redis.store(for: context)
                var instance = streams.instance(for: context, store: store)
                instance.rehearse(.redeeming, on: store, for: context)
                return instance
            }
        }
    }
}
