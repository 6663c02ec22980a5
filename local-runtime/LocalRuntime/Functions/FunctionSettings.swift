import FunctionRuntime
import TokenFunction

/// The settings that decide what the functions answer.
struct FunctionSettings: Sendable {
    /// Their names in the environment.
    static let names = ["TOKEN_TTL_POLICY"]

    let ttlPolicy: TTLPolicy

    init(_ settings: inout Settings) {
        ttlPolicy = settings.choice("TOKEN_TTL_POLICY", default: .strict)
    }
}
