import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import StreamTokensWorkflows

/// A run of an ``HTTPWorkflow``: the content of its response, as bytes or as the events of an event stream.
actor HTTPWorkflowRun: WorkflowRun {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let response: ClientResponse
    /// The longest gap between bytes while the reader waits. Time in which the reader does not read does not count.
    private let silence: Interval
    /// How much of `silence` has passed since the last byte.
    private var quiet = Interval.seconds(0)
    /// Nil if the content is passed on as it is.
    private var parser: ServerSentEventParser?
    /// Outputs of the last piece of content that the reader has not taken yet.
    private var outputs: ArraySlice<WorkflowOutput> = []
    /// Reconnection fields (`id`, `retry`) that came before the first event. They do not count as a first output, so
    /// they wait for that event; nil once it is there.
    private var opening: ServerSentEvent.Reconnection? = .init()
    private var state = State.open

    private enum State {
        case open
        case ended
        case failed(WorkflowFailure)
    }

    /// `eventLimit` is the most bytes of a line, and of an event's data, in an event stream.
    init(_ response: ClientResponse, silence: Interval, eventLimit: Int, on loop: EventLoop) {
        self.loop = loop
        self.silence = silence
        self.response = response
        parser = response.isEventStream ? ServerSentEventParser(limit: eventLimit) : nil
        // 205 asks to reset a form and has no content: any that comes is not output (RFC 9110, section 15.3.6).
        guard response.status.code == 205 else { return }
        response.cancel()
        state = .ended
    }

    /// Waits for the first output or the end. Fails the run if neither comes by `deadline`.
    func begin(until deadline: Instant) async throws(WorkflowFailure) {
        defer { quiet = .seconds(0) }
        guard try await !readOutput(until: deadline, heedsCancellation: true) else { return }
        fail(.timedOut)
        throw .timedOut
    }

    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput {
        if Task.isCancelled { fail(.cancelled) }
        let deadline = Instant.now.advanced(by: limit)
        while try await !readOutput(until: min(deadline, .now + (silence - quiet))) {
            guard quiet < silence else {
                fail(.timedOut)
                throw .timedOut
            }
            if Instant.now >= deadline { return .silence }
        }
        return outputs.popFirst() ?? .end
    }

    func nextAtOnce() -> WorkflowOutput? {
        outputs.popFirst()
    }

    func cancel() {
        fail(.cancelled)
    }

    nonisolated func interrupt() {
        response.cancel()
    }

    /// Reads until there is an output or the end; false if neither comes by `deadline`. Inlined, as every call that may
    /// wait costs time with each event.
    @inline(__always)
    private func readOutput(
        until deadline: Instant,
        heedsCancellation: Bool = false
    ) async throws(WorkflowFailure) -> Bool {
        while true {
            if case .failed(let failure) = state { throw failure }
            if case .ended = state { return true }
            if !outputs.isEmpty { return true }
            guard !failWithParser() else { continue }
            let start = Instant.now
            do throws(ClientError) {
                guard take(try await response.next(until: deadline, heedsCancellation: heedsCancellation)) else {
                    quiet = quiet + (.now - start)
                    return false
                }
            } catch {
                requestFailed(error)
                continue
            }
            // Bytes without an output, such as comments or parts of an event, may come for ever.
            if outputs.isEmpty, case .open = state, Instant.now >= deadline { return false }
        }
    }

    // Not inlined, like what follows: their temporaries would lie in a frame that lasts as long as the stream.
    @inline(never)
    private func failWithParser() -> Bool {
        guard parser?.hasFailed ?? false else { return false }
        take([])
        return true
    }

    /// Returns whether anything has come.
    @inline(never)
    private func take(_ piece: ClientResponse.Piece) -> Bool {
        switch piece {
        case .nothing: return false
        case .bytes(let bytes):
            quiet = .seconds(0)
            take(bytes)
        case .end:
            state = .ended
            outputs = takeOpening()[...]
        }
        return true
    }

    @inline(never)
    private func take(_ bytes: [UInt8]) {
        guard parser != nil else {
            outputs = [.bytes(bytes)]
            return
        }
        do throws(ServerSentEventParser.TooLong) {
            for block in try parser?.blocks(bytes) ?? [] {
                switch block {
                case .event(let event):
                    if opening != nil { outputs += takeOpening() }
                    outputs.append(.event(event))
                // Merged, so that however many come only one is kept.
                case .reconnection(let more) where opening != nil: opening = opening?.followed(by: more)
                case .reconnection(let more): outputs.append(.reconnection(more))
                }
            }
        } catch {
            fail(.eventTooLarge(limit: error.limit))
        }
    }

    /// The output that goes before the first event, or before the end.
    private func takeOpening() -> [WorkflowOutput] {
        defer { opening = nil }
        guard let opening, opening != .init() else { return [] }
        return [.reconnection(opening)]
    }

    @inline(never)
    private func requestFailed(_ error: ClientError) {
        fail(WorkflowFailure(error))
    }

    private func fail(_ failure: WorkflowFailure) {
        switch state {
        case .failed: return
        case .open, .ended: state = .failed(failure)
        }
        outputs = []
        response.cancel()
    }
}

extension ClientResponse {
    /// Whether the media type is text/event-stream, with any parameters (RFC 9110, section 8.3.1). Of several types the
    /// last counts, as in browsers (Fetch standard, "extract a MIME type").
    fileprivate var isEventStream: Bool {
        let types = headers.values(of: .contentType).flatMap(\.listElements).map { $0.prefix { $0 != ";" } }
        guard let type = types.last(where: { $0.utf8.contains(UInt8(ascii: "/")) }) else { return false }
        return type.lowercased().filter { $0 != " " && $0 != "\t" }.hasSameBytes(as: "text/event-stream")
    }
}
