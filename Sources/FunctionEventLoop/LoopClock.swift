/// The monotonic clock, with sleep on a loop's timers: the clock that handlers get.
public struct LoopClock: Clock {
    private let loop: EventLoop

    /// Makes a clock for tasks of `loop`.
    public init(_ loop: EventLoop) {
        self.loop = loop
    }

    public var now: Instant { .now }
    public var minimumResolution: Duration { .milliseconds(1) }

    /// Waits until `deadline`; throws `CancellationError` as soon as the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let end = Promise<Void>()
        let timer = Timer(on: loop, at: deadline) { end.fulfil() }
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: { [loop] in
            // The cancelling code may be on any thread.
            loop.perform { end.fulfil() }
        }
        timer.cancel()
        try Task.checkCancellation()
    }
}
