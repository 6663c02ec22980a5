/// Why a request has no response, or a response no end. What was sent may have been acted on, unless connecting failed.
public enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection could be made.
    case connectFailed(String)
    /// The head of the response did not come before the deadline.
    case timedOut
    /// The connection ended before the response did.
    case connectionLost
    /// What came is no response, or none that is accepted.
    case malformed(String)
    /// The caller's task was cancelled, or ``ClientResponse/cancel()`` called.
    case cancelled

    /// For an operator. Repeats nothing of what was sent or received.
    public var description: String {
        switch self {
        case .connectFailed(let reason): "cannot connect: \(reason)"
        case .timedOut: "no answer in time"
        case .connectionLost: "the connection was lost before the answer was complete"
        case .malformed(let reason): "what answered is not HTTP as it should be: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
