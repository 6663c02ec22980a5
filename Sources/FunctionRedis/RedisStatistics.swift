import FunctionEventLoop
public import FunctionMetrics

/// Counts the operations of the clients of one loop.
///
/// Not thread-safe: those clients must be called on the loop's thread.
public final class RedisStatistics: @unchecked Sendable {
    // Unchecked: only the loop's thread uses it.
    private var operations = Histogram(.waits)
    private var errors: [Kind: Int] = [:]
    private var waiting = 0
    private var groups = Histogram(.sizes)
    /// Connections that were made, and those that were lost or could not be made.
    var connections = 0
    var losses = 0

    /// The kinds of errors, for a label.
    private enum Kind: String, CaseIterable {
        case unavailable
        case overloaded
        case connectionLost = "connection_lost"
        case timedOut = "timed_out"
        case refused
        case notReplicated = "not_replicated"
        case malformedReply = "malformed_reply"
        case closed

        init(_ reason: RedisError.Reason) {
            self =
                switch reason {
                case .unavailable: .unavailable
                case .overloaded: .overloaded
                case .connectionLost: .connectionLost
                case .timedOut: .timedOut
                case .refused: .refused
                case .notReplicated: .notReplicated
                case .malformedReply: .malformedReply
                case .closed: .closed
                }
        }
    }

    public init() {}

    /// Counts a command that starts; returns when that was.
    func began() -> Instant {
        waiting += 1
        return .now
    }

    /// Counts the end of a command after all its repetitions; `error` if it failed.
    func ended(since start: Instant, _ error: RedisError? = nil) {
        waiting -= 1
        operations.observe(nanoseconds: (Instant.now - start).nanoseconds)
        if let error { errors[Kind(error.reason), default: 0] += 1 }
    }

    /// Counts a command that does the work of `count` operations.
    func sent(joined count: Int) {
        groups.observe(count)
    }

    /// Adds the counts so far to `reading`.
    public func add(to reading: inout MetricsReading) {
        reading.add(.operations, operations)
        reading.add(.waiting, waiting)
        reading.add(.groups, groups)
        for kind in Kind.allCases { reading.add(.errors, errors[kind] ?? 0, ("kind", kind.rawValue)) }
        reading.add(.connections, connections)
        reading.add(.losses, losses)
    }
}

extension Metric {
    fileprivate static let operations = Metric(
        "redis_operation_duration_seconds",
        .histogram,
        "Duration of operations on Redis, including their repetition and the wait for a connection."
    )
    fileprivate static let waiting = Metric("redis_operations_waiting", .gauge, "Operations waiting for Redis.")
    fileprivate static let groups = Metric(
        "redis_group_size",
        .histogram,
        "How many operations each command to Redis carries, of those that can be joined: mints for the same key."
    )
    fileprivate static let errors = Metric(
        "redis_errors_total",
        .counter,
        "Operations on Redis that failed for good, by kind."
    )
    fileprivate static let connections = Metric(
        "redis_connections_total",
        .counter,
        "Connections made to Redis, including the first ones."
    )
    fileprivate static let losses = Metric(
        "redis_connections_lost_total",
        .counter,
        "Connections to Redis that were lost, or could not be made."
    )
}
