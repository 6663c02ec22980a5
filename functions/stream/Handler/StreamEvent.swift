/// What an operator wants to know of a stream that was open already, when no answer can tell it any more.
public struct StreamEvent: Hashable, Sendable {
    /// The request that opened the stream.
    public let requestID: String
    /// Why the stream ended early, as its client was told.
    public let code: String
    /// What lies beneath; no secret.
    public let cause: String?
}
