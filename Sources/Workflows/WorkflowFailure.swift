/// Why a run did not start, or cannot go on.
public enum WorkflowFailure: Error, Hashable, Sendable {
    /// There is no workflow of that name.
    case notFound
    /// The workflow refuses its variables. The reason is for the log.
    case rejected(String)
    /// It has too much to do, and may be asked again after so many seconds, if it said that.
    case busy(retryAfter: Int?)
    /// It is down, broken off, or answers what is no answer. The reason is for the log and holds no secret.
    case unavailable(String)
    /// One of its server-sent events is larger than the most bytes that are taken.
    case eventTooLarge(limit: Int)
    /// Nothing came for too long.
    case timedOut
    /// The caller did not want it any more.
    case cancelled
}
