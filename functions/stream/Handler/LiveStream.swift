import FunctionCore
import StreamTokens
import StreamTokensRedemption
import StreamTokensWorkflows

/// One stream: pulls from the workflow and writes to the client, no faster than the client reads. One that is opened at
/// once first waits for its workflow. It runs on the executor of its request: on its own executor, each piece would
/// change executors four times.
actor LiveStream: LeasedStream {
    private nonisolated let home: any Actor
    nonisolated var unownedExecutor: UnownedSerialExecutor { home.unownedExecutor }

    nonisolated let stream: OpenStream
    nonisolated let origin: RequestOrigin
    /// Nil until the workflow of a stream that is opened at once begins.
    private var run: (any WorkflowRun)?
    /// Nil for a stream that is not opened at once, and once it is called: it holds the request.
    private var beginning: Beginning?
    private let heartbeat: Duration
    private let clock: any Clock<Duration>
    private var encoder: StreamEncoder
    /// Set by ``stop(_:)``: why it ends before its workflow does.
    private var stopReason: StopReason?
    private var isOver = false
    /// Whether a write failed while the workflow began.
    private var hasLeft = false
    /// Set while the workflow begins: the client that gets heartbeats.
    private var waitingClient: (any BodyWriter)?
    /// Writes what that client gets.
    private var writing: Task<Void, Never>?
    /// How long that client has got nothing.
    private var silence: Stopwatch
    private var waiter: UnsafeContinuation<Void, Never>?

    /// Of `run` and `beginning`, one is nil.
    init(
        _ stream: OpenStream,
        of origin: RequestOrigin,
        run: (any WorkflowRun)? = nil,
        beginning: Beginning? = nil,
        format: StreamFormat,
        heartbeat: Duration,
        clock: any Clock<Duration>,
        isolation: (any Actor)? = #isolation
    ) {
        home = isolation ?? OwnHome()
        self.stream = stream
        self.origin = origin
        self.run = run
        self.beginning = beginning
        self.heartbeat = heartbeat
        self.clock = clock
        silence = Stopwatch(clock)
        encoder = StreamEncoder(format)
    }

    /// Isolates the stream if its request runs on no actor.
    private actor OwnHome {}

    /// Breaks the response off: plain text cannot tell the client in any other way that the stream ends early.
    struct BrokenOff: Error {}

    /// Starts the run of a stream that is opened at once, and commits its token. If it throws, the token is released.
    typealias Beginning = @Sendable () async throws(Refused) -> any WorkflowRun

    /// Why a stream ends before its workflow does, except for what its own task finds.
    enum StopReason: Sendable {
        case tooLong
        case lost(LostStream.Reason)
        /// Only for a resumable stream: nobody has read it for its window.
        case unread
        /// Only for a resumable stream: its client has asked for its end.
        case stopped
        /// Only for a resumable stream: its log is lost, and nobody reads it on this loop.
        case logLost
    }

    /// How its body ended.
    enum Outcome: Sendable {
        /// The workflow did not begin, and the token is not used.
        case refused(Refused)
        case ended(StreamEnding)
    }

    /// Makes the stream end at once, without waiting for that.
    func stop(_ reason: StopReason) {
        guard !isOver else { return }
        stopReason = stopReason ?? reason
        wake()
    }

    /// Streams until the workflow ends, the client goes away, or ``stop(_:)``; then ends the run.
    func transfer(to writer: any BodyWriter) async -> Outcome {
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await self.pump(to: writer) }
            await self.waitForEnd()
            // The pump may be waiting for the workflow, or for the client to read.
            group.cancelAll()
            return await group.next() ?? .ended(.interrupted)
        }
        await endRun()
        return endedAs(outcome)
    }

    private func endRun() async {
        await run?.cancel()
    }

    @inline(never)
    private func endedAs(_ outcome: Outcome) -> Outcome {
        stopReason.map(outcome.because) ?? outcome
    }

    /// Tells the client why the stream ends early. Waits at most a second for a client that does not read.
    func sendEarlyEnd(_ reason: EarlyEnd, to writer: any BodyWriter) async throws {
        try await send(encoder.encode(reason), to: writer)
    }

    /// Tells the client of a stream, opened at once, why its workflow did not begin. Waits like
    /// ``sendEarlyEnd(_:to:)``.
    func sendRefusal(_ error: HTTPError, to writer: any BodyWriter) async throws {
        try await send(encoder.encode(error), to: writer)
    }

    private func send(_ bytes: [UInt8]?, to writer: any BodyWriter) async throws {
        guard let bytes else { throw BrokenOff() }
        try await clock.withTimeLimit(.seconds(1)) { try await writer.write(bytes) }
    }

    private func pump(to writer: any BodyWriter) async -> Outcome {
        defer {
            isOver = true
            wake()
        }
        do {
            if let beginning = beginning.take() { run = try await begin(beginning, to: writer) }
            guard let run else { return .ended(.interrupted) }
            try await withTaskCancellationHandler {
                try await passOnAll(run, to: writer)
            } onCancel: {
                run.interrupt()
            }
            return .ended(.complete)
        } catch {
            return ended(by: error)
        }
    }

    @inline(never)
    private func ended(by error: any Error) -> Outcome {
        switch error {
        case let refused as Refused: .refused(refused)
        case let failure as WorkflowFailure: .ended(StreamEnding(failure))
        default: .ended(.interrupted)
        }
    }

    private func passOnAll(_ run: any WorkflowRun, to writer: any BodyWriter) async throws {
        while try await passOn(run, to: writer) {}
    }

    /// Writes the next output; returns whether another one can follow.
    private func passOn(_ run: any WorkflowRun, to writer: any BodyWriter) async throws -> Bool {
        let (bytes, isEnd) = encode(try await run.next(within: heartbeat))
        if !bytes.isEmpty { try await writer.write(bytes) }
        return !isEnd
    }

    // Not inlined: its temporaries would lie in a frame that lasts as long as the stream.
    @inline(never)
    private func encode(_ output: WorkflowOutput) -> (bytes: [UInt8], isEnd: Bool) {
        (encoder.encode(output), output == .end)
    }

    /// Writes the first bytes and runs `beginning`. It is always run: it releases the token of a client that has gone.
    /// Meanwhile ``beat()`` writes heartbeats.
    private func begin(_ beginning: Beginning, to writer: any BodyWriter) async throws -> any WorkflowRun {
        waitingClient = writer
        write(encoder.begin(), to: writer)
        let result = await result(of: beginning)
        waitingClient = nil
        await finishWriting()
        return try result.get()
    }

    private func result(of beginning: Beginning) async -> Result<any WorkflowRun, Refused> {
        do throws(Refused) {
            return .success(try await beginning())
        } catch {
            return .failure(error)
        }
    }

    /// Writes a heartbeat if the workflow has not begun and the client would otherwise get nothing for too long. To be
    /// called once a second: a task of its own that waits for that would cost each stream more than a kilobyte.
    func beat() {
        guard let waitingClient, writing == nil, silence.elapsed > heartbeat - .seconds(1) else { return }
        write(ServerSentEvent.heartbeat, to: waitingClient)
    }

    /// Writes in a task, so that the workflow can begin while the client takes no bytes. Ends the stream if that fails.
    /// The task is isolated to this stream, so it stays on the loop.
    private func write(_ bytes: [UInt8], to writer: any BodyWriter) {
        silence = Stopwatch(clock)
        var isWritten = false
        let task = Task.immediate {
            if (try? await writer.write(bytes)) == nil {
                hasLeft = true
                wake()
            }
            isWritten = true
            writing = nil
        }
        // Usually the client takes them at once.
        if !isWritten { writing = task }
    }

    /// Waits for the last write, so that the next one does not break it off.
    private func finishWriting() async {
        guard let writing else { return }
        await withTaskCancellationHandler {
            await writing.value
        } onCancel: {
            writing.cancel()
        }
    }

    private func waitForEnd() async {
        // Resumed exactly once: wake() takes it out of `waiter` as it resumes it.
        await withUnsafeContinuation { continuation in
            if isOver || hasLeft || stopReason != nil { return continuation.resume() }
            waiter = continuation
        }
    }

    private func wake() {
        waiter.take()?.resume()
    }
}

extension LiveStream.Outcome {
    /// The outcome of a stream that was told to stop, unless it was complete before.
    func because(of reason: LiveStream.StopReason) -> Self {
        switch (self, reason) {
        case (.ended(.complete), _), (.refused, .tooLong), (.refused, .unread), (.refused, .logLost): self
        case (.refused, .lost(let loss)): .refused(Refused(loss))
        case (.ended, .tooLong): .ended(StreamEnding(early: .tooLong))
        case (.ended, .lost(let loss)): .ended(StreamEnding(early: .revoked, cause: loss.cause))
        case (.refused, .stopped): .refused(.stopped)
        case (.ended, .stopped): .ended(StreamEnding(early: .stopped))
        case (.ended, .unread): .ended(.unread)
        case (.ended, .logLost): .ended(.logLost)
        }
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
    static let unread = StreamEnding(early: .interrupted, cause: "nobody has resumed it in time")
    static let logLost = StreamEnding(early: .lost, cause: "its log is lost, and nobody reads it here")
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
