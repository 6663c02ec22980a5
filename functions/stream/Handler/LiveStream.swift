import FunctionCore
import StreamTokens
import StreamTokensWorkflows

/// One open stream: pulls from the workflow and writes to the client, no faster than the client takes it. It runs where
/// its request is answered: were it an actor by itself, each piece would change executors four times.
actor LiveStream {
    private nonisolated let home: any Actor
    nonisolated var unownedExecutor: UnownedSerialExecutor { home.unownedExecutor }

    nonisolated let stream: OpenStream
    nonisolated let origin: StreamEvent.Origin
    nonisolated let age: Stopwatch
    /// After so long it is to end.
    nonisolated let longest: Duration
    private let run: any WorkflowRun
    private let heartbeat: Duration
    private let clock: any Clock<Duration>
    private var encoder: StreamEncoder
    /// Why it is to end before its workflow does, once somebody said so.
    private var stopReason: StreamEnding?
    private var isOver = false
    private var waiter: CheckedContinuation<Void, Never>?

    init(
        _ stream: OpenStream,
        of origin: StreamEvent.Origin,
        run: any WorkflowRun,
        format: StreamFormat,
        heartbeat: Duration,
        longest: Duration,
        clock: any Clock<Duration>,
        isolation: (any Actor)? = #isolation
    ) {
        home = isolation ?? OwnHome()
        self.stream = stream
        self.origin = origin
        self.run = run
        self.heartbeat = heartbeat
        self.longest = longest
        self.clock = clock
        encoder = StreamEncoder(format)
        age = Stopwatch(clock)
    }

    /// Where a request is answered on no actor.
    private actor OwnHome {}

    /// Thrown to break a stream off whose client cannot be told otherwise.
    struct BrokenOff: Error {}

    /// Has the stream end at once, for this reason, with the cause for the log; returns at once.
    func stop(_ reason: EarlyEnd, cause: String? = nil) {
        guard !isOver else { return }
        stopReason = stopReason ?? StreamEnding(early: reason, cause: cause)
        wake()
    }

    /// Streams until the workflow's end, the client's, or ``stop(_:)``; then ends the run.
    func transfer(to writer: any BodyWriter) async -> StreamEnding {
        let ending = await withTaskGroup(of: StreamEnding.self) { group in
            group.addTask { await self.pump(to: writer) }
            await self.waitForEnd()
            // Ends a wait for the workflow or for the client's room.
            group.cancelAll()
            return await group.next() ?? .interrupted
        }
        await run.cancel()
        guard let stopReason, ending != .complete else { return ending }
        return stopReason
    }

    /// Tells the client why the stream ends early. A client that takes nothing is not waited for.
    func sayGoodbye(_ reason: EarlyEnd, to writer: any BodyWriter) async throws {
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

/// How a stream came to its end.
struct StreamEnding: Hashable, Sendable {
    /// Why it ended before the workflow's own end.
    let early: EarlyEnd?
    /// For the log.
    var cause: String?

    /// The workflow had no more to say, and all of it was written.
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

    /// For the log, which names the setting.
    static func tooLarge(_ limit: Int) -> String {
        "the workflow's event stream has a line or an event of more than \(limit) bytes (WORKFLOW_EVENT_BYTES)"
    }
}
