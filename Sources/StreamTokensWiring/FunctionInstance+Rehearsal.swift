import FunctionCore
import FunctionEventLoop
package import FunctionRuntime
package import StreamTokensRedis

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
