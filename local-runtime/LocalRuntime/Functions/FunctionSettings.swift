import FunctionRuntime
import StreamWiring
import TokenFunction

/// The settings that decide what the functions answer.
struct FunctionSettings: Sendable {
    /// Their names in the environment.
    static let names = ["TOKEN_TTL_POLICY", "ALLOWED_ORIGINS"]

    let ttlPolicy: TTLPolicy
    let streams: StreamSettings

    init(_ settings: inout Settings) {
        ttlPolicy = settings.choice("TOKEN_TTL_POLICY", default: .strict)
        streams = StreamSettings(&settings)
    }
}
