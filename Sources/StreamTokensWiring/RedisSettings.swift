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
            settings.rejectSecret(
                "REDIS_URL",
                "must be set, such as redis://user:password@host:6379/0 (local-runtime serve needs no Redis)"
            )
            return nil
        }
        do throws(RedisURLError) {
            return try RedisURL(text)
        } catch {
            settings.rejectSecret("REDIS_URL", "is not usable: \(error)")
            return nil
        }
    }
}

extension FunctionInstance {
    /// Has the first loop find out once, beside the requests, whether the store can do what the function does, and log
    /// what it cannot. Not where the process is frozen between requests. Nothing waits for it, least of all the end.
    package mutating func rehearse(_ use: StoreUse, on store: RedisTokenStore, for context: LoopContext) {
        guard context.index == 0, context.runsBetweenRequests else { return }
        background = { [background] in
            let rehearsal = context.loop.start { await Self.rehearse(use, on: store, for: context) }
            await background()
            rehearsal.cancel()
        }
    }

    private static func rehearse(_ use: StoreUse, on store: RedisTokenStore, for context: LoopContext) async {
        let clock = LoopClock(context.loop)
        // Not at once, so that no first request waits behind it. A store that is away is told of already.
        repeat {
            guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
        } while (try? await store.ping()) == nil
        for failure in await store.rehearse(use) {
            context.log.write(.warning, "redis") { $0.member("cause", failure) }
        }
    }
}
