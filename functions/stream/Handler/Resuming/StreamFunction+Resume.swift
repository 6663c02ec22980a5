import FunctionCore
import StreamTokens
import StreamTokensRedemption
import StreamTokensWorkflows

extension StreamFunction {
    /// What a resumable run begins with.
    enum RunStart {
        /// A run whose token is used.
        case running(any WorkflowRun)
        /// A stream that is opened at once, whose token is only reserved.
        case beginning(LiveStream.Beginning)
    }

    /// The secret of a new stream; nil if it cannot be resumed.
    func secret(for request: Request, as format: StreamFormat) -> RunSecret? {
        runs != nil && format == .events && !request.isCollected ? .random(randomBits) : nil
    }

    /// Hands the run to this instance, and returns the response of its first reader. Nil if the store takes no log: then
    /// the stream cannot be resumed.
    func resumable(
        _ request: StreamRequest,
        _ stream: OpenStream,
        _ start: RunStart
    ) async -> Response? {
        guard let runs, let secret = request.secret else { return nil }
        let window = options.resumeWindow(of: request)
        guard window > .zero, await streams.ownsRuns else { return nil }
        guard !options.logs.isFull else {
            let cause = "the logs of this process have STREAM_LOGS_BYTES"
            report?(StreamEvent(origin: request.origin, kind: .unlogged(stream, cause: cause)))
            return nil
        }
        let run = await run(of: stream, request.origin, window, start, in: runs)
        let terms = RunTerms(
            workflow: String(request.workflow),
            window: Int(window.components.seconds) * 1000,
            origins: request.origins
        )
        do throws(StoreError) {
            try await runs.begin(run.id, terms)
        } catch {
            report?(StreamEvent(origin: request.origin, kind: .unlogged(stream, cause: error.description)))
            return nil
        }
        // Nothing can be lost yet.
        guard let source = await run.attach(1, after: 0) else { return nil }
        var opening = Self.opening(secret)
        switch start {
        case .running: await streams.open(run, lasting: options.maximum(of: request), since: Stopwatch(clock))
        case .beginning:
            await streams.wait(run)
            opening += ServerSentEvent.heartbeat
        }
        guard await streams.add(run) else { return nil }
        return await response(of: source, from: Cursor(number: 0, secret: secret), opening: opening)
    }

    private func run(
        of stream: OpenStream,
        _ origin: RequestOrigin,
        _ window: Duration,
        _ start: RunStart,
        in store: any RunStore
    ) async -> ResumableRun {
        var run: (any WorkflowRun)?
        var beginning: LiveStream.Beginning?
        switch start {
        case .running(let running): run = running
        case .beginning(let begin): beginning = begin
        }
        return ResumableRun(
            stream,
            of: origin,
            window: window,
            run: run,
            beginning: beginning,
            in: store,
            report: report,
            options: options
        )
    }

    /// The first bytes of a resumable stream: the cursor of its beginning, for a line that is lost before the first
    /// event, and how soon to come back.
    private static func opening(_ secret: RunSecret) -> [UInt8] {
        var bytes: [UInt8] = []
        Cursor.append(0, of: secret, behind: "", to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        ServerSentEvent.Reconnection(retry: StreamEncoder.retry).append(to: &bytes)
        return bytes
    }

    /// The response to a request that resumes its stream. Nil if the cursor is not one of the token's stream, which the
    /// client is not told: the request is then one to open a stream.
    func resume(
        _ token: StreamToken,
        at cursor: Cursor,
        by poller: LogPoller,
        for request: Request,
        of workflow: Substring,
        _ trace: TraceContext
    ) async throws(Refused) -> Response? {
        guard WorkflowCall.isName(workflow) else { return nil }
        let run = RunID(token, Attempt(of: cursor.secret))
        let outcome: AttachOutcome
        do throws(StoreError) {
            outcome = try await attach(
                to: run,
                of: String(workflow),
                after: cursor.number,
                for: request,
                in: poller.store
            )
        } catch {
            return Self.away(error)
        }
        switch outcome {
        case .refused: return nil
        case .bound: throw .otherOrigin
        case .attached(let number, let user):
            var origin = RequestOrigin(request, traceID: trace.traceID)
            origin.user = user
            report?(StreamEvent(origin: origin, kind: .resumed(token, after: cursor.number)))
            return await response(to: cursor, of: run, for: number, by: poller)
        }
    }

    private func attach(
        to run: RunID,
        of workflow: String,
        after number: Int,
        for request: Request,
        in runs: any RunStore
    ) async throws(StoreError) -> AttachOutcome {
        let outcome = try await runs.attach(to: run, of: workflow, after: number, isAllowed: false)
        guard case .bound(let origins) = outcome, request.comes(from: origins) else { return outcome }
        return try await runs.attach(to: run, of: workflow, after: number, isAllowed: true)
    }

    /// The response of a reader that has attached.
    private func response(
        to cursor: Cursor,
        of run: RunID,
        for number: Int,
        by poller: LogPoller
    ) async -> Response {
        guard let owned = await streams.run(of: run.attempt) else {
            let log = FollowedLog(of: run, by: poller, for: number, clock: clock)
            return await response(of: log, from: cursor, opening: ServerSentEvent.heartbeat)
        }
        guard let source = await owned.attach(number, after: cursor.number) else {
            return Response(.ok, headers: StreamFormat.events.fields, body: .bytes(ReaderEnd.lost.event))
        }
        return await response(of: source, from: cursor, opening: ServerSentEvent.heartbeat)
    }

    /// Stops a stream by its cursor: 204 once that is recorded, and also behind its end. Leaving does not stop it.
    func stop(_ request: Request, of workflow: Substring) async throws(Refused) -> Response {
        guard options.allowedOrigins.allow(request) else { throw Refused(.originNotAllowed, .originNotAllowed) }
        let token = try StreamToken(Self.credential(of: request))
        if StreamEnd.isNamed(in: request) { return StreamEnd.response }
        guard let runs, WorkflowCall.isName(workflow), let cursor = Cursor(in: request) else {
            throw Refused(.invalidToken, .invalidToken, cause: "no cursor of a stream")
        }
        let run = RunID(token, Attempt(of: cursor.secret))
        let outcome: StopOutcome
        do throws(StoreError) {
            outcome = try await stop(run, of: String(workflow), for: request, in: runs)
        } catch {
            throw Refused(.storeUnavailable, .storeUnavailable, cause: error.description)
        }
        switch outcome {
        case .refused: throw Refused(.invalidToken, .invalidToken, cause: "no cursor of the token's stream")
        case .bound: throw .otherOrigin
        case .stopped: break
        }
        // At once on this loop; its owner elsewhere learns of it within a second.
        await streams.run(of: run.attempt)?.stop(.stopped)
        return StreamEnd.response
    }

    private func stop(
        _ run: RunID,
        of workflow: String,
        for request: Request,
        in runs: any RunStore
    ) async throws(StoreError) -> StopOutcome {
        let outcome = try await runs.stop(run, of: workflow, isAllowed: false)
        guard case .bound(let origins) = outcome, request.comes(from: origins) else { return outcome }
        return try await runs.stop(run, of: workflow, isAllowed: true)
    }

    /// The response if the store does not reply. Any status but 200 would stop EventSource for good; after this event,
    /// whose id leaves its cursor as it is, it comes back.
    private static func away(_ error: StoreError) -> Response {
        let told = HTTPError.storeUnavailable
        let data = StreamEncoder.errorData(told.code ?? "", told.text, told.status.code)
        var bytes: [UInt8] = []
        ServerSentEvent(type: "error", data: data).append(to: &bytes)
        return Response(
            .ok,
            headers: StreamFormat.events.fields,
            body: .bytes(bytes),
            cause: error.description
        )
    }

    /// Asynchronous, as is ``run(of:_:_:in:)``, so that what they make lives on the request's executor.
    private func response(of source: any RunSource, from cursor: Cursor, opening: [UInt8]) async -> Response {
        let reader = RunReader(of: source, from: cursor, heartbeat: options.heartbeat, clock: clock)
        let body = Body.stream { try await reader.transfer(opening: opening, to: $0) }
        return Response(.ok, headers: StreamFormat.events.fields, body: body)
    }
}
