package import FunctionCore
package import StreamTokens
package import StreamTokensRedemption
package import StreamTokensWorkflows

/// `POST /api/v1/run/{workflow_id}/stream`: redeems a stream token and streams the workflow's output. GET is for
/// EventSource, which cannot send a body.
///
/// The order of the checks is published behaviour: those that need neither the store nor the workflow come first, and a
/// token is used only once the workflow's first output is there.
package struct StreamFunction: Sendable {
    let store: any TokenStore
    /// Nil if no stream can be resumed.
    let runs: (any RunStore)?
    let workflow: any Workflow
    let clock: any Clock<Duration>
    let randomBits: RandomBits
    let options: StreamOptions
    let unsettled: UnsettledAttempts
    let streams: OpenStreams
    /// Follows the logs of runs that other loops own; nil if no stream can be resumed.
    let poller: LogPoller?
    let report: Report?

    /// Receives the outcomes of requests; must not block.
    package typealias Report = @Sendable (StreamEvent) -> Void

    package init(
        store: any TokenStore,
        runs: (any RunStore)? = nil,
        workflow: any Workflow,
        clock: any Clock<Duration>,
        randomBits: @escaping RandomBits,
        options: StreamOptions = StreamOptions(),
        report: Report? = nil
    ) {
        self.store = store
        self.runs = options.resumes ? runs : nil
        self.workflow = workflow
        self.clock = clock
        self.randomBits = randomBits
        self.options = options
        self.report = report
        unsettled = UnsettledAttempts(store: store) { origin, event in
            report?(StreamEvent(origin: origin, kind: StreamEvent.Kind(event)))
        }
        streams = OpenStreams(
            store: store,
            unsettled: unsettled,
            runs: self.runs,
            logs: options.logs,
            clock: clock,
            report: report
        )
        poller = self.runs.map { LogPoller($0, clock) }
    }

    /// Whether a path is the function's, also with slashes at its end, which get a 404 that says so.
    package static func serves(_ path: String) -> Bool {
        StreamPath.workflowName(in: path) != nil || StreamPath.hasSlashBehind(path)
    }

    package func handle(_ request: Request) async -> Response {
        let trace = TraceContext(continuing: request.trace, randomBits)
        var response = await inTaskOfItsOwn(responding(to: request, trace, on: #isolation))
        tell(trace, &response, to: request)
        return response
    }

    // Not inlined: its temporaries would lie in a frame that lasts as long as the request.
    @inline(never)
    private func responding(
        to request: Request,
        _ trace: TraceContext,
        on home: (any Actor)?
    ) -> @Sendable () async -> Response {
        { await self.response(to: request, Stopwatch(clock), trace, on: home) }
    }

    /// A task keeps the memory of its deepest call until it ends. The connection's task lasts as long as the stream and
    /// must not keep that of opening it.
    @inline(never)
    private func inTaskOfItsOwn(_ respond: @escaping @Sendable () async -> Response) async -> Response {
        async let response = respond()
        return await response
    }

    @inline(never)
    private func tell(_ trace: TraceContext, _ response: inout Response, to request: Request) {
        options.allowedOrigins.expose(&response, to: request)
        response.traceID = trace.traceID
    }

    private func response(
        to request: Request,
        _ age: Stopwatch,
        _ trace: TraceContext,
        on isolation: isolated (any Actor)?
    ) async -> Response {
        do throws(Refused) {
            return try await respond(to: request, age, trace)
        } catch {
            let response = error.response
            if let report, let refusal = error.refusal {
                var origin = RequestOrigin(request, traceID: trace.traceID)
                origin.user = error.user
                report(StreamEvent(origin: origin, kind: .refused(refusal, token(of: request), cause: response.cause)))
            }
            return response
        }
    }

    /// Throws if the store does not work.
    package func checkReadiness() async throws {
        try await store.ping()
    }

    /// Renews the leases of all streams once, as ``maintain()`` does each second, and ends those that were revoked.
    package func renew() async {
        await streams.renew()
    }

    /// Once a second, renews the leases of streams, open or waiting, ends those that were revoked or are too old, writes
    /// the heartbeats of those that wait, and releases attempts of unknown outcome. Runs until its task is cancelled.
    package func maintain() async {
        await withDiscardingTaskGroup { group in
            if runs != nil { group.addTask { [streams] in await streams.ownRuns() } }
            while (try? await clock.sleep(for: .seconds(1))) != nil {
                await streams.endOverdue()
                await streams.beat()
                // Beside the loop: a store that does not reply must not delay the next second.
                group.addTask { [streams] in await streams.renew() }
                group.addTask { [unsettled] in await unsettled.settle() }
            }
        }
        await unsettled.settle()
    }

    /// Returns once no run goes on, with or without a reader; runs whose task is cancelled are interrupted.
    package func finish() async {
        await streams.whenNoRuns()
    }

    /// Releases attempts of unknown outcome before the process is frozen, until the store fails.
    package func settle() async {
        await unsettled.settleAll()
    }

    private func token(of request: Request) -> StreamToken? {
        if case .text(let text) = Self.credential(of: request) { StreamToken(text) } else { nil }
    }

    /// The token in the query, where EventSource can send it, or in Authorization.
    static func credential(of request: Request) -> BearerCredential {
        let given = request.parameters.values(of: "token").map { Substring($0) } + request.headers.bearerTokens
        return StreamToken.credential(among: given)
    }

    private func respond(
        to request: Request,
        _ age: Stopwatch,
        _ trace: TraceContext
    ) async throws(Refused) -> Response {
        guard let name = StreamPath.workflowName(in: request.path) else {
            let isSlashBehind = StreamPath.hasSlashBehind(request.path)
            throw Refused(nil, isSlashBehind ? .slashBehind(StreamPath.template) : .notFound)
        }
        if request.isPreflight { return options.allowedOrigins.preflight(request, canStop: runs != nil) }
        // Not a page's preflight (RFC 9110, section 9.3.7).
        if request.method == .options { return Response(.noContent, headers: [.allow: methods]) }
        if request.method == .delete, runs != nil { return try await stop(request, of: name) }
        let format = try format(of: request)
        guard options.allowedOrigins.allow(request) else { throw Refused(.originNotAllowed, .originNotAllowed) }
        // Before the token is looked at, because it is used: this is how EventSource learns not to come back.
        if format == .events, StreamEnd.isNamed(in: request) { return StreamEnd.response }
        let token = try StreamToken(Self.credential(of: request))
        // Before the variables, which a page that has been loaded again need not have.
        if let poller, format == .events, let cursor = Cursor(in: request),
            let response = try await resume(token, at: cursor, by: poller, for: request, of: name, trace)
        {
            return response
        }
        let variables = try await variables(of: request, for: token)
        return try await open(
            StreamRequest(
                received: request,
                age: age,
                trace: trace,
                workflow: name,
                token: token,
                variables: variables,
                format: format,
                origin: RequestOrigin(request, traceID: trace.traceID),
                secret: secret(for: request, as: format)
            )
        )
    }

    /// The methods of its path.
    private var methods: Headers.Value { runs == nil ? StreamPath.methods : StreamPath.methodsToStop }

    /// The format that the client wants; throws if the method cannot open a stream.
    private func format(of request: Request) throws(Refused) -> StreamFormat {
        let accepted = AcceptedFormats(request.headers)
        switch request.method {
        case .post:
            guard let format = accepted.preferred else { throw Refused(nil, .notAcceptable) }
            return format
        // A GET must name events: a program that prefetches links must not use the token in them.
        case .get where accepted.namesEvents: return .events
        default: throw Refused(nil, .wrongMethod(methods))
        }
    }
}

/// The options that operators can set for streams.
package struct StreamOptions: Sendable {
    package var opens = StreamOpening.atFirstByte
    /// How long a workflow may take until its first output.
    package var firstByte = Duration.seconds(30)
    /// How long a stream may last, from the commit of its token.
    package var maximum = Duration.seconds(300)
    /// After so long without output, a stream of server-sent events gets a comment, so that no proxy takes it for dead.
    package var heartbeat = Duration.seconds(15)
    /// For how long a stream of server-sent events can be resumed after nobody reads it any more; 0: not at all.
    package var resumeWindow = Duration.zero
    /// The longest time that a token's policy can have instead.
    package var maxResumeWindow = Duration.zero
    /// The most bytes of the log of a stream that can be resumed.
    package var logBytes = 1 << 20
    /// What all these logs have together, also those of streams that have ended, until these cannot be resumed.
    package var logs = LogBudget(limit: 256 << 20)
    package var allowedOrigins = AllowedOrigins.any

    package init() {}

    /// Whether any stream can be resumed.
    package var resumes: Bool { max(resumeWindow, maxResumeWindow) > .zero }

    /// For how long the stream of a request can be resumed: the time that its token asks for, within the limit, or this
    /// one.
    func resumeWindow(of request: StreamRequest) -> Duration {
        request.resumeWindow.map { min($0, maxResumeWindow) } ?? resumeWindow
    }

    /// How long a reservation holds without a renewal, in milliseconds: the workflow's time, and 5 s for the rest.
    var lease: Int {
        Int(firstByte.components.seconds) * 1000 + 5000
    }

    /// Whether the response to a request begins at once. Plain text has no events to say later what went wrong, and a
    /// platform that collects the body shows nothing of it before its end.
    func opensAtOnce(_ request: StreamRequest) -> Bool {
        (request.opens ?? opens) == .atOnce && request.format == .events && !request.received.isCollected
    }

    /// How long the stream of a request may last: the smaller of this limit and its token's.
    func maximum(of request: StreamRequest) -> Duration {
        request.time(of: min(maximum, request.maximum ?? maximum))
    }
}
