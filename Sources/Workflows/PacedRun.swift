/// A run that gives so many pieces, each so long after the one before.
actor PacedRun: WorkflowRun {
    private let count: Int
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let piece: @Sendable (Int) -> [UInt8]
    private var index = 0
    /// How much of the interval before the next piece is left.
    private var wait = Duration.zero
    private var isCancelled = false

    /// `piece` makes the piece of a number from 0 on; it must not be empty.
    init(
        _ count: Int,
        _ interval: Duration,
        _ clock: any Clock<Duration>,
        piece: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.count = count
        self.interval = interval
        self.clock = clock
        self.piece = piece
    }

    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput {
        guard !isCancelled, !Task.isCancelled else { throw .cancelled }
        guard index < count else { return .end }
        let pause = min(wait, limit)
        if pause > .zero {
            do {
                try await clock.sleep(for: pause)
            } catch {
                throw .cancelled
            }
            wait -= pause
            guard wait <= .zero else { return .silence }
        }
        defer {
            index += 1
            wait = interval
        }
        return .bytes(piece(index))
    }

    func cancel() {
        isCancelled = true
    }
}
