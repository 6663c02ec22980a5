public import FunctionRuntime
public import TokenFunction
public import Tokens

/// What operators set about tokens, from the environment.
public struct TokenSettings: Sendable {
    public let ttlPolicy: TTLPolicy

    public init(_ settings: inout Settings) {
        ttlPolicy = settings.choice(
            "TOKEN_TTL_POLICY",
            default: .strict,
            "strict refuses a bad ttl, clamp brings it into 1 to 300"
        )
    }

    /// The function as the context's loop has it.
    public func function(for context: LoopContext, store: any TokenStore) -> TokenFunction {
        let random = context.random
        return TokenFunction(
            store: store,
            randomBits: { random.next() },
            ttlPolicy: ttlPolicy,
            report: TokenReport.report(for: context)
        )
    }

    /// The same as the context's loop runs it.
    public func instance(for context: LoopContext, store: any TokenStore) -> FunctionInstance {
        let function = function(for: context, store: store)
        var instance = FunctionInstance(
            errorResponse: TokenFunction.errorResponse,
            checkReadiness: { try await store.ping() },
            handler: { await function.handle($0) }
        )
        instance.knowsPath = TokenFunction.answers
        return instance
    }
}
