import FunctionRuntime
import TokenFunction
import Tokens

extension FunctionInstance {
    /// All functions as one: each answers at its own path, and what is no function's path gets their 404.
    static func all(
        store: any TokenStore,
        settings: FunctionSettings,
        randomBits: @escaping RandomBits
    ) -> FunctionInstance {
        let token = TokenFunction(store: store, randomBits: randomBits, ttlPolicy: settings.ttlPolicy)
        return FunctionInstance(
            errorResponse: TokenFunction.errorResponse,
            checkReadiness: { try await store.ping() },
            handler: { await token.handle($0) }
        )
    }
}
