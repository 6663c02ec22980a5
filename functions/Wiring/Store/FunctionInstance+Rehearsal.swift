import EventLoop
import Function
public import FunctionRuntime
public import RedisTokenStore

extension FunctionInstance {
    /// Has the first loop find out once, beside the requests, whether the store can do what the function does, and log
    /// what it cannot. Not where the process is frozen between requests.
    public mutating func rehearse(_ use: StoreUse, on store: RedisTokenStore, for context: LoopContext) {
        guard context.index == 0, context.runsBetweenRequests else { return }
        background = { [background] in
            async let rehearsal: Void = Self.rehearse(use, on: store, for: context)
            await background()
            await rehearsal
        }
    }

    private static func rehearse(_ use: StoreUse, on store: RedisTokenStore, for context: LoopContext) async {
        // A store that is away is told of already.
        while (try? await store.ping()) == nil {
            await context.loop.sleep(until: .now + .seconds(1))
            if Task.isCancelled { return }
        }
        for failure in await store.rehearse(use) {
            context.log.write(.warning, "redis") { $0.member("cause", failure) }
        }
    }
}
