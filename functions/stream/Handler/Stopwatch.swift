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
