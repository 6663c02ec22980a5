import FunctionRuntime
import StreamTokensAdmitFunction
import StreamTokensAdmitWiring
import StreamTokensRedis
import StreamTokensWiring

/// Runs the admit function with Redis, by the settings in the environment.
@main
enum AdmitExecutable {
    static func main() {
        Runtime.run(
            "admit",
            summary: "Redeems stream tokens for a proxy in front of another server: \(AdmitFunction.path)."
        ) { settings in
            let redis = RedisSettings(&settings, for: .admitting)
            let admissions = AdmitSettings(&settings)
            guard let redis else { return nil }
            return { context in
                let store = redis.store(for: context)
                admissions.sayMissing(context)
                var instance = admissions.instance(for: context, store: store)
                instance.rehearse(.admitting, on: store, for: context)
                return instance
            }
        }
    }
}
