import FunctionRuntime
import StreamWiring
import TokenFunction
import TokenWiring

/// The settings that decide what the functions answer.
struct FunctionSettings: Sendable {
    /// Their names in the environment.
    static let names = ["TOKEN_TTL_POLICY", "ALLOWED_ORIGINS"]

    let tokens: TokenSettings
    let streams: StreamSettings

    init(_ settings: inout Settings) {
        tokens = TokenSettings(&settings)
        streams = StreamSettings(&settings)
    }
}
