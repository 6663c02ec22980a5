import FunctionCore
import FunctionEventLoop
import FunctionRedis
package import FunctionRuntime
import FunctionTLS
package import StreamTokensRedis

/// Where a deployed function keeps its tokens: REDIS_URL, REDIS_TIMEOUT_MS, REDIS_WAIT_REPLICAS, and the files for TLS.
package struct RedisSettings: Sendable {
    private let url: RedisURL
    private let timeout: Int
    private let replicas: Int
    private let tls: TLSContext

    /// Nil if REDIS_URL is missing or wrong, which `settings` are told.
    package init?(_ settings: inout Settings) {
        let url = Self.url(&settings)
        timeout = settings.integer(
            "REDIS_TIMEOUT_MS",
            in: 10...60_000,
            default: 1000,
            "how long an operation may take, its one repetition included"
        )
        replicas = settings.integer(
            "REDIS_WAIT_REPLICAS",
            in: 0...5,
            default: 0,
            "replicas that must have a token's use before its stream opens; else it is undone, and answered 503"
        )
        tls = RedisTLSSettings.context(&settings, isEncrypted: url?.isEncrypted)
        guard let url else { return nil }
        self.url = url
    }

    /// The store as the context's loop uses it.
    package func store(for context: LoopContext) -> RedisTokenStore {
        let log = context.log
        let statistics = context.metrics.map { metrics in
            let statistics = RedisStatistics()
            metrics.add { statistics.add(to: &$0) }
            return statistics
        }
        let client = RedisClient(
            url,
            on: context.loop,
            timeout: .milliseconds(timeout),
            replicas: replicas,
            looksAtSettings: context.index == 0,
            tls: tls,
            statistics: statistics
        ) { cause in
            log.write(.warning, "redis") { $0.member("cause", cause) }
        }
        return RedisTokenStore(client: client)
    }

    private static func url(_ settings: inout Settings) -> RedisURL? {
        let summary =
            "redis://[user:password@]host[:port][/db], redis+cluster://host[:port],…, "
            + "redis+sentinel://host[:port],…/master[/db] (with TLS rediss…) or unix:///path?db=N"
        guard let text = settings.secret("REDIS_URL", default: "required", summary) else {
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
