import FunctionRuntime
import StreamTokensRedis
import StreamTokensStreamWiring
import StreamTokensWiring

/// Runs the stream function with Redis and its workflows, by the settings in the environment.
@main
enum StreamExecutable {
    static func main() {
        Runtime.run(
            "stream",
            summary: "Redeems stream tokens: POST /api/v1/run/{workflow_id}/stream."
        ) { settings in
            let redis = RedisSettings(&settings, for: .redeeming)
            let streams = StreamSettings(&settings)
            guard let redis else { return nil }
            return { context in
                let store = redis.store(for: context)
                var instance = streams.instance(for: context, store: store)
                instance.rehearse(streams.resumes ? .resuming : .redeeming, on: store, for: context)
                return instance
            }
        }
    }
}
