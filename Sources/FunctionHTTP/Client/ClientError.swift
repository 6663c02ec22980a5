/// Why there is no response, or only a part of it. The server may have acted on the request, unless connecting failed.
public enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection could be made.
    case connectFailed(String)
    /// The head of the response did not come before the deadline.
    case timedOut
    /// The connection ended before the response did.
    case connectionLost
    /// The server sent something that is not a valid response.
    case malformed(String)
    /// The caller's task was cancelled, or ``ClientResponse/cancel()`` was called.
    case cancelled

    /// For an operator. Contains nothing that was sent or received.
    public var description: String {
        switch self {
        case .connectFailed(let reason): "cannot connect: \(reason)"
        case .timedOut: "no response in time"
        case .connectionLost: "the connection was lost before the response was complete"
        case .malformed(let reason): "not a valid HTTP response: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
