/// An open stream that its renewal says must end.
public struct LostStream: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// Its token, or all of its key or organization, was revoked.
        case revoked
        /// The store knows nothing of its key, or an older epoch than the stream's: it has lost data. Whether the stream
        /// was revoked cannot be told any more.
        case forgotten
    }

    public let attempt: Attempt
    public let reason: Reason

    public init(_ attempt: Attempt, _ reason: Reason) {
        self.attempt = attempt
        self.reason = reason
    }
}
