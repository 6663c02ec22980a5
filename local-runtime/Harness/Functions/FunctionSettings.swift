package import FunctionRuntime
package import StreamTokensStreamWiring
import StreamTokensTokenFunction
package import StreamTokensTokenWiring

/// The settings that decide what the functions answer.
package struct FunctionSettings: Sendable {
    /// Their names in the environment.
    package static let names = ["TOKEN_TTL_POLICY", "ALLOWED_ORIGINS"]

    package let tokens: TokenSettings
    package let streams: StreamSettings

    package init(_ settings: inout Settings) {
        tokens = TokenSettings(&settings)
        streams = StreamSettings(&settings)
    }
}
