/// Wakes one waiting task, or the next one that waits. It carries no value: the task looks at the state itself. Any
/// thread may give it.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func give() {
        continuation.yield()
    }

    /// Returns whether the signal was given; false at once if the caller's task is cancelled. One caller at a time.
    func wait() async -> Bool {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next(isolation: #isolation) != nil
    }
}
