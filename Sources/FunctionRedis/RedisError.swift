/// Why a command has no answer.
public struct RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// There was no connection until the deadline, or the server says that it cannot serve yet; with what is known
        /// of the cause.
        case unavailable(String)
        /// Too much waits to be sent already.
        case overloaded
        /// The connection was lost before the answer came.
        case connectionLost(String)
        /// The answer did not come before the deadline, the command's own or that of one before or behind it.
        case timedOut
        /// The server answered with an error: to the command, or to the login before it.
        case refused(RedisServerError)
        /// The command was executed, but so few replicas had it in time.
        case notReplicated(Int, of: Int)
        /// What came back was no reply.
        case malformedReply(RedisProtocolError)
        /// The client was closed.
        case closed

        public var description: String {
            switch self {
            case .unavailable(let cause): "unavailable (\(cause))"
            case .overloaded: "too much waits to be sent"
            case .connectionLost(let cause): "connection lost (\(cause))"
            case .timedOut: "no answer in time"
            case .refused(let error): "\(error)"
            case .notReplicated(let count, let replicas): "\(count) of \(replicas) replicas had it in time"
            case .malformedReply(let error): "\(error)"
            case .closed: "the client is closed"
            }
        }
    }

    public let reason: Reason
    /// Whether Redis may have executed the command all the same.
    public let mayHaveBeenExecuted: Bool

    init(_ reason: Reason, mayHaveBeenExecuted: Bool) {
        self.reason = reason
        self.mayHaveBeenExecuted = mayHaveBeenExecuted
    }

    /// What an error as the answer to a command means.
    init(_ error: RedisServerError) {
        reason = error.isUnavailability ? .unavailable(error.description) : .refused(error)
        mayHaveBeenExecuted = !error.precedesExecution
    }

    /// For an operator. Holds no password.
    public var description: String {
        "Redis: \(reason)" + (mayHaveBeenExecuted ? "; the command may have been executed" : "")
    }

    /// Whether another try may fare better: the command was not refused, its answer is missing.
    var isTransient: Bool {
        switch reason {
        case .unavailable, .connectionLost, .timedOut, .malformedReply: true
        case .overloaded, .refused, .notReplicated, .closed: false
        }
    }

    var isMissingScript: Bool {
        if case .refused(let error) = reason { error.code == "NOSCRIPT" } else { false }
    }

    /// Whether a script is to be sent whole: the server has lost it, or takes no digests.
    var asksForWholeScript: Bool {
        if case .refused(let error) = reason { isMissingScript || error.forbidsDigests } else { false }
    }

    /// Whether the server lets nobody write, as a replica does.
    var isReadOnly: Bool {
        if case .refused(let error) = reason { error.isReadOnly } else { false }
    }

    /// Whether the server said that it is no master or has no data yet, so that the next one may execute the command.
    var isDemotion: Bool {
        guard !mayHaveBeenExecuted else { return false }
        return switch reason {
        case .refused(let error): error.isReadOnly
        // The cause is what the server said, where it said something.
        case .unavailable(let cause): ["LOADING", "MASTERDOWN"].contains(RedisServerError(cause).code)
        default: false
        }
    }
}
