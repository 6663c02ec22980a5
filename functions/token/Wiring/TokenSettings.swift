package import FunctionRuntime
package import StreamTokens
package import StreamTokensTokenFunction

/// The settings of the token function, from the environment.
package struct TokenSettings: Sendable {
    package let ttlPolicy: TTLPolicy

    package init(_ settings: inout Settings) {
        ttlPolicy = settings.choice(
            "TOKEN_TTL_POLICY",
            default: .strict,
            "strict refuses a bad ttl, clamp changes it to one from 1 to 300"
        )
    }

    /// The function for the context's loop.
    package func instance(for context: LoopContext, store: any TokenStore) -> FunctionInstance {
        let random = context.random
        let function = TokenFunction(
            store: store,
            randomBits: { random.next() },
            ttlPolicy: ttlPolicy,
            report: TokenReport.report(for: context),
            keys: KeyCache()
        )
        return FunctionInstance(
            errorResponse: TokenFunction.errorResponse,
            checkReadiness: { try await store.ping() },
            knowsPath: TokenFunction.serves,
            handler: function.handle
        )
    }
}
