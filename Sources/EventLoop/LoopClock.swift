/// The monotonic clock, whose sleepers wait on their loop's timers: time as a handler is handed it.
public struct LoopClock: Clock {
    private let loop: EventLoop

    /// A clock for tasks of `loop`.
    public init(_ loop: EventLoop) {
        self.loop = loop
    }

    public var now: Instant { .now }
    public var minimumResolution: Duration { .milliseconds(1) }

    /// Waits until `deadline`; throws `CancellationError` as soon as the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let sleep = Sleep(on: loop)
        await withTaskCancellationHandler {
            await sleep.wait(until: deadline)
        } onCancel: { [loop] in
            // Whoever cancels may be on any thread.
            loop.perform { sleep.end() }
        }
        try Task.checkCancellation()
    }
}

/// One wait that can be ended early.
private final class Sleep: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.
    private let loop: EventLoop
    private var isEnded = false
    private var waiter: UnsafeContinuation<Void, Never>?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func wait(until deadline: Instant) async {
        let timer = Timer(on: loop) { [unowned self] in self.end() }
        // Resumed exactly once: ``end()`` takes it out first. The task may be cancelled already, or be by the time that
        // the continuation is there.
        await withUnsafeContinuation { continuation in
            if isEnded { return continuation.resume() }
            waiter = continuation
            timer.deadline = deadline
        }
        timer.cancel()
    }

    func end() {
        isEnded = true
        guard let waiter else { return }
        self.waiter = nil
        waiter.resume()
    }
}
