import FunctionCore
import StreamTokens

/// A request that has passed every check which needs neither the store nor the workflow.
struct StreamRequest: Sendable {
    let received: Request
    /// Runs since it came.
    let age: Stopwatch
    /// The caller's trace, or one of this request's own.
    let trace: TraceContext
    /// What the path says, which may be no workflow's name.
    let workflow: Substring
    let token: StreamToken
    let variables: Variables
    let format: StreamFormat
    /// What events of it go back to.
    let origin: StreamEvent.Origin

    /// How much of `wanted` the platform leaves, short of what it takes to say that a stream ends.
    func time(of wanted: Duration) -> Duration {
        guard let timeLimit = received.timeLimit else { return wanted }
        return min(wanted, timeLimit - min(.seconds(2), timeLimit / 4) - age.elapsed)
    }
}

/// `/api/v1/run/{workflow_id}/stream`
enum StreamPath {
    static let prefix = "/api/v1/run/"
    static let suffix = "/stream"
    /// As the description has it.
    static let template = prefix + "{workflow_id}" + suffix

    /// What the path takes.
    static let methods: Headers.Value = "GET, POST, OPTIONS"

    /// What stands for the workflow in a path of the function, whatever that is; nil for another path.
    static func workflowName(in path: String) -> Substring? {
        guard path.utf8.count >= prefix.utf8.count + suffix.utf8.count, path.hasPrefix(prefix), path.hasSuffix(suffix)
        else { return nil }
        return path.dropFirst(prefix.count).dropLast(suffix.count)
    }

    /// Whether a path is the function's but for slashes behind it.
    static func hasSlashBehind(_ path: String) -> Bool {
        path.withoutSlashesBehind.flatMap(workflowName) != nil
    }
}

/// Tells how much time has passed on a clock that is handed in, whatever its instants are.
struct Stopwatch: Sendable {
    /// Since the watch was made.
    var elapsed: Duration { read() }

    private let read: @Sendable () -> Duration

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        read = { start.duration(to: clock.now) }
    }
}

extension Clock<Duration> {
    /// Runs `operation` and cancels it when it takes longer than `limit`.
    func withTimeLimit(_ limit: Duration, _ operation: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await sleep(for: limit)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
