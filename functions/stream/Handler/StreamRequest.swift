import FunctionCore
import StreamTokens
import StreamTokensRedemption

/// A request that has passed every check that needs neither the store nor the workflow.
struct StreamRequest: Sendable {
    let received: Request
    /// Started when the request came.
    let age: Stopwatch
    /// The caller's trace, or a new one.
    let trace: TraceContext
    /// From the path; it may not be a valid name of a workflow.
    let workflow: Substring
    let token: StreamToken
    /// The page's, and behind them those that the token's policy locks.
    var variables: Variables
    let format: StreamFormat
    var origin: RequestOrigin
    /// What the client of the stream gets if it can be resumed.
    let secret: RunSecret?
    /// When the response begins, if the token's policy says so.
    var opens: StreamOpening?
    /// The longest that the stream may last by the token's policy.
    var maximum: Duration?
    /// For how long the stream can be resumed, if the token's policy says so.
    var resumeWindow: Duration?
    /// The origins whose pages may resume the stream by the token's policy; empty if any may.
    var origins: [String] = []

    /// `wanted`, or less if the platform limits the request's time: a quarter of that, at most 2 s, is kept to tell the
    /// client that the stream ends.
    func time(of wanted: Duration) -> Duration {
        guard let timeLimit = received.timeLimit else { return wanted }
        return min(wanted, timeLimit - min(.seconds(2), timeLimit / 4) - age.elapsed)
    }
}

/// `/api/v1/run/{workflow_id}/stream`
enum StreamPath {
    static let prefix = "/api/v1/run/"
    static let suffix = "/stream"
    /// The path in the API's description.
    static let template = prefix + "{workflow_id}" + suffix

    static let methods: Headers.Value = "GET, POST, OPTIONS"
    /// Also DELETE, which stops a stream that can be resumed.
    static let methodsToStop: Headers.Value = "GET, POST, DELETE, OPTIONS"

    /// The workflow's name in a path of the function, which may not be a valid one; nil for any other path.
    static func workflowName(in path: String) -> Substring? {
        guard path.utf8.count >= prefix.utf8.count + suffix.utf8.count, path.hasPrefix(prefix), path.hasSuffix(suffix)
        else { return nil }
        return path.dropFirst(prefix.count).dropLast(suffix.count)
    }

    /// Whether a path is the function's, except for slashes at its end.
    static func hasSlashBehind(_ path: String) -> Bool {
        path.withoutSlashesBehind.flatMap(workflowName) != nil
    }
}

/// Measures time on any clock, without being generic over its instants.
struct Stopwatch: Sendable {
    /// The time since the stopwatch was made.
    var elapsed: Duration { read() }

    private let read: @Sendable () -> Duration

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        read = { start.duration(to: clock.now) }
    }
}

extension Clock<Duration> {
    /// Runs `operation`; cancels it and throws if it takes longer than `limit`.
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
