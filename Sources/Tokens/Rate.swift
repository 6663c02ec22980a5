/// A key's rate limit as it stands after a call.
public struct Rate: Hashable, Sendable {
    /// Requests that may be made in a window.
    public let limit: Int
    /// Requests left in the window.
    public let remaining: Int
    /// Milliseconds until the next request can pass; 0 if it can now.
    public let retryAfter: Int

    public init(limit: Int, remaining: Int, retryAfter: Int) {
        self.limit = limit
        self.remaining = remaining
        self.retryAfter = retryAfter
    }
}
