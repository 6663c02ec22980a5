import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import StreamTokensWorkflows

/// A run of an ``HTTPWorkflow``: the content of its answer, as bytes or as the events of an event stream.
actor HTTPWorkflowRun: WorkflowRun {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let response: ClientResponse
    /// How long it is waited in vain for bytes, and how long it has been; only waits count, else it is we who do not read.
    private let silence: Interval
    private var quiet = Interval.seconds(0)
    /// Nil where the content is passed on as it is.
    private var parser: ServerSentEventParser?
    /// Outputs that were read and not asked for yet: those of one piece of the content.
    private var outputs: ArraySlice<WorkflowOutput> = []
    /// What came of reconnecting before the first event, which it does not begin the run without; nil from that on.
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
        // To reset a form is no output, whatever comes with it (RFC 9110, section 15.3.6).
        guard response.status.code == 205 else { return }
        response.cancel()
        state = .ended
    }

    /// Waits for the first output, or for the end. Ends the run if neither comes by `deadline`.
    func begin(until deadline: Instant) async throws(WorkflowFailure) {
        defer { quiet = .seconds(0) }
        guard try await !readOutput(until: deadline) else { return }
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

    func cancel() {
        fail(.cancelled)
    }

    /// Reads until there is an output or the end; false if neither has come by `deadline`.
    private func readOutput(until deadline: Instant) async throws(WorkflowFailure) -> Bool {
        while true {
            if case .failed(let failure) = state { throw failure }
            if case .ended = state { return true }
            if !outputs.isEmpty { return true }
            if parser?.hasFailed ?? false {
                take([])
                continue
            }
            let start = Instant.now
            let piece: ClientResponse.Piece
            do throws(ClientError) {
                piece = try await response.next(until: deadline)
            } catch {
                fail(WorkflowFailure(error))
                continue
            }
            switch piece {
            case .bytes(let bytes):
                quiet = .seconds(0)
                take(bytes)
            case .nothing:
                quiet = quiet + (.now - start)
                return false
            case .end:
                state = .ended
                outputs = takeOpening()[...]
            }
            // Comments, or parts of an event, may come without an end.
            if outputs.isEmpty, case .open = state, Instant.now >= deadline { return false }
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard parser != nil else {
            outputs = [.bytes(bytes)]
            return
        }
        do throws(ServerSentEventParser.TooLong) {
            for block in try parser?.blocks(bytes) ?? [] {
                switch block {
                case .event(let event): outputs += takeOpening() + [.event(event)]
                // However many come, no more than the last of them is kept.
                case .reconnection(let more) where opening != nil: opening = opening?.followed(by: more)
                case .reconnection(let more): outputs.append(.reconnection(more))
                }
            }
        } catch {
            fail(.eventTooLarge(limit: error.limit))
        }
    }

    /// What is to come before the first event, or the end.
    private func takeOpening() -> [WorkflowOutput] {
        defer { opening = nil }
        guard let opening, opening != .init() else { return [] }
        return [.reconnection(opening)]
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
    /// Whether its media type is text/event-stream, whatever its parameters (RFC 9110, section 8.3.1). Of several types
    /// the last counts, as it does in browsers (Fetch standard, "extract a MIME type").
    fileprivate var isEventStream: Bool {
        let types = headers.values(of: .contentType).flatMap(\.listElements).map { $0.prefix { $0 != ";" } }
        guard let type = types.last(where: { $0.utf8.contains(UInt8(ascii: "/")) }) else { return false }
        return type.lowercased().filter { $0 != " " && $0 != "\t" }.hasSameBytes(as: "text/event-stream")
    }
}
