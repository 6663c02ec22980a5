import FunctionCore
import StreamTokens
import StreamTokensWorkflows

/// One open stream: pulls from the workflow and writes to the client, no faster than the client reads. It runs on the
/// executor of its request: on its own executor, each piece would change executors four times.
actor LiveStream {
    private nonisolated let home: any Actor
    nonisolated var unownedExecutor: UnownedSerialExecutor { home.unownedExecutor }

    nonisolated let stream: OpenStream
    nonisolated let origin: StreamEvent.Origin
    nonisolated let age: Stopwatch
    /// The age at which it must end.
    nonisolated let maxAge: Duration
    private let run: any WorkflowRun
    private let heartbeat: Duration
    private let clock: any Clock<Duration>
    private var encoder: StreamEncoder
    /// Set by ``stop(_:cause:)``: why it ends before its workflow does.
    private var stopReason: StreamEnding?
    private var isOver = false
    private var waiter: CheckedContinuation<Void, Never>?

    init(
        _ stream: OpenStream,
        of origin: StreamEvent.Origin,
        run: any WorkflowRun,
        format: StreamFormat,
        heartbeat: Duration,
        maxAge: Duration,
        clock: any Clock<Duration>,
        isolation: (any Actor)? = #isolation
    ) {
        home = isolation ?? OwnHome()
        self.stream = stream
        self.origin = origin
        self.run = run
        self.heartbeat = heartbeat
        self.maxAge = maxAge
        self.clock = clock
        encoder = StreamEncoder(format)
        age = Stopwatch(clock)
    }

    /// Isolates the stream if its request runs on no actor.
    private actor OwnHome {}

    /// Breaks the response off: plain text cannot tell the client in any other way that the stream ends early.
    struct BrokenOff: Error {}

    /// Makes the stream end at once, without waiting for that. `cause` is for the log.
    func stop(_ reason: EarlyEnd, cause: String? = nil) {
        guard !isOver else { return }
        stopReason = stopReason ?? StreamEnding(early: reason, cause: cause)
        wake()
    }

    /// Streams until the workflow ends, the client goes away, or ``stop(_:cause:)``; then ends the run.
    func transfer(to writer: any BodyWriter) async -> StreamEnding {
        let ending = await withTaskGroup(of: StreamEnding.self) { group in
            group.addTask { await self.pump(to: writer) }
            await self.waitForEnd()
            // The pump may be waiting for the workflow, or for the client to read.
            group.cancelAll()
            return await group.next() ?? .interrupted
        }
        await run.cancel()
        guard let stopReason, ending != .complete else { return ending }
        return stopReason
    }

    /// Tells the client why the stream ends early. Waits at most a second for a client that does not read.
    func sendEarlyEnd(_ reason: EarlyEnd, to writer: any BodyWriter) async throws {
        guard let bytes = encoder.encode(reason) else { throw BrokenOff() }
        try await clock.withTimeLimit(.seconds(1)) { try await writer.write(bytes) }
    }

    private func pump(to writer: any BodyWriter) async -> StreamEnding {
        defer {
            isOver = true
            wake()
        }
        do {
            while true {
                let output = try await run.next(within: heartbeat)
                let bytes = encoder.encode(output)
                if !bytes.isEmpty { try await writer.write(bytes) }
                if output == .end { return .complete }
            }
        } catch let failure as WorkflowFailure {
            return StreamEnding(failure)
        } catch {
            return .interrupted
        }
    }

    private func waitForEnd() async {
        await withCheckedContinuation { continuation in
            if isOver || stopReason != nil { return continuation.resume() }
            waiter = continuation
        }
    }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }
}

/// How a stream ended.
struct StreamEnding: Hashable, Sendable {
    /// Why it ended before its workflow did; nil if it is complete.
    let early: EarlyEnd?
    /// For the log.
    var cause: String?

    /// The workflow ended, and all of its output was written.
    static let complete = StreamEnding(early: nil)
    /// The client has gone, or the process ends.
    static let interrupted = StreamEnding(early: .interrupted)
}

extension StreamEnding {
    init(_ failure: WorkflowFailure) {
        switch failure {
        case .cancelled: self = .interrupted
        case .timedOut: self.init(early: .workflowTimeout)
        case .eventTooLarge(let limit): self.init(early: .workflowEventTooLarge, cause: Self.tooLarge(limit))
        case .unavailable(let cause), .rejected(let cause, _): self.init(early: .workflowUnavailable, cause: cause)
        case .notFound, .busy: self.init(early: .workflowUnavailable, cause: "\(failure)")
        }
    }

    /// For the log: names the setting that sets the limit.
    static func tooLarge(_ limit: Int) -> String {
        "the workflow's event stream has a line or an event of more than \(limit) bytes (WORKFLOW_EVENT_BYTES)"
    }
}
