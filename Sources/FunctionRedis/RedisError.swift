/// Why a command has no reply.
public struct RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// There was no connection before the deadline, or the server cannot serve yet; with the cause, as far as
        /// known.
        case unavailable(String)
        /// Too many bytes are waiting to be sent.
        case overloaded
        /// The connection was lost before the reply came.
        case connectionLost(String)
        /// The reply did not come before the deadline of this command, or of another one on the same connection.
        case timedOut
        /// The server replied with an error, to the command or to the login before it.
        case refused(RedisServerError)
        /// The command was executed, but only this many replicas had it in time.
        case notReplicated(Int, of: Int)
        /// The server sent something that is not a reply.
        case malformedReply(RedisProtocolError)
        /// The client was closed.
        case closed

        public var description: String {
            switch self {
            case .unavailable(let cause): "unavailable (\(cause))"
            case .overloaded: "too much is waiting to be sent"
            case .connectionLost(let cause): "connection lost (\(cause))"
            case .timedOut: "no reply in time"
            case .refused(let error): "\(error)"
            case .notReplicated(let count, let replicas): "\(count) of \(replicas) replicas had it in time"
            case .malformedReply(let error): "\(error)"
            case .closed: "the client is closed"
            }
        }
    }

    public let reason: Reason
    /// Whether Redis may nevertheless have executed the command.
    public let mayHaveBeenExecuted: Bool

    init(_ reason: Reason, mayHaveBeenExecuted: Bool) {
        self.reason = reason
        self.mayHaveBeenExecuted = mayHaveBeenExecuted
    }

    /// The meaning of an error reply to a command.
    init(_ error: RedisServerError) {
        reason = error.isUnavailability ? .unavailable(error.description) : .refused(error)
        mayHaveBeenExecuted = !error.precedesExecution
    }

    /// For an operator. Holds no password.
    public var description: String {
        "Redis: \(reason)" + (mayHaveBeenExecuted ? "; the command may have been executed" : "")
    }

    /// Whether a retry may succeed: the command was not refused, only its reply is missing.
    var isTransient: Bool {
        switch reason {
        case .unavailable, .connectionLost, .timedOut, .malformedReply: true
        case .overloaded, .refused, .notReplicated, .closed: false
        }
    }

    var isMissingScript: Bool {
        if case .refused(let error) = reason { error.code == "NOSCRIPT" } else { false }
    }

    /// Whether to send the script's text: the server has lost the script, or accepts no digests.
    var asksForWholeScript: Bool {
        if case .refused(let error) = reason { isMissingScript || error.forbidsDigests } else { false }
    }

    /// Whether the server rejects writes, as a replica does.
    var isReadOnly: Bool {
        if case .refused(let error) = reason { error.isReadOnly } else { false }
    }

    /// Whether the server said that it is not a primary or has no data yet, so that the next server may execute the
    /// command.
    var isDemotion: Bool {
        guard !mayHaveBeenExecuted else { return false }
        return switch reason {
        case .refused(let error): error.isReadOnly
        // The cause is the server's own text, if it sent one.
        case .unavailable(let cause): ["LOADING", "MASTERDOWN"].contains(RedisServerError(cause).code)
        default: false
        }
    }
}
