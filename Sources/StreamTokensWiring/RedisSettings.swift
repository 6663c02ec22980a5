import FunctionCore
import FunctionEventLoop
import FunctionRedis
package import FunctionRuntime
import FunctionTLS
package import StreamTokensRedis

/// The settings of the Redis that a deployed function uses: REDIS_URL, REDIS_TIMEOUT_MS, REDIS_WAIT_REPLICAS, the files
/// for TLS, and GROUP_MINTS of a function that mints.
package struct RedisSettings: Sendable {
    private let url: RedisURL
    private let timeout: Int
    private let replicas: Int
    private let tls: TLSContext
    private let groupLimit: Int

    /// Nil if REDIS_URL is missing or wrong, which is reported to `settings`.
    package init?(_ settings: inout Settings, for use: StoreUse) {
        let url = Self.url(&settings)
        timeout = settings.integer(
            "REDIS_TIMEOUT_MS",
            in: 10...60_000,
            default: 1000,
            "how long an operation may take, including one retry"
        )
        replicas = settings.integer(
            "REDIS_WAIT_REPLICAS",
            in: 0...5,
            default: 0,
            "replicas that must confirm a token's use before its stream opens; otherwise it is undone, with 503"
        )
        tls = RedisTLSSettings.context(&settings, isEncrypted: url?.isEncrypted)
        let limits = RedisTokenStore.groupLimits
        groupLimit =
            use == .minting
            ? settings.integer(
                "GROUP_MINTS",
                in: limits,
                default: limits.upperBound,
                "how many simultaneous mints for one key Redis executes as one command; 1 for one by one"
            )
            : limits.lowerBound
        guard let url else { return nil }
        self.url = url
    }

    /// The store for the context's loop, with its own connections.
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
        return RedisTokenStore(client: client, groupLimit: groupLimit)
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
    /// Tries the store's operations once in the background, on the first loop, and logs those that Redis refuses. Does
    /// nothing where the process is frozen between requests. Nothing waits for it, and draining cancels it.
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
        // After a second, so that the first requests do not queue behind it. Until Redis replies to a ping there is
        // nothing to try; that it is away is logged elsewhere.
        repeat {
            guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
        } while (try? await store.ping()) == nil
        for failure in await store.rehearse(use) {
            context.log.write(.warning, "redis") { $0.member("cause", failure) }
        }
    }
}
