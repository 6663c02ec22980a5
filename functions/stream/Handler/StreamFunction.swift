package import FunctionCore
package import StreamTokens
package import StreamTokensWorkflows

/// `POST /api/v1/run/{workflow_id}/stream`: spends a stream token and streams what the workflow gives. GET is for
/// EventSource, which can send no body.
///
/// The order of its checks is that of the published behaviour: what can be told without the store or the workflow is told
/// first, and a token is spent only when the workflow's first output is there.
package struct StreamFunction: Sendable {
    let store: any TokenStore
    let workflow: any Workflow
    let clock: any Clock<Duration>
    let randomBits: RandomBits
    let options: StreamOptions
    let streams: OpenStreams
    let report: Report?

    /// Told of what comes of requests; it must not block.
    package typealias Report = @Sendable (StreamEvent) -> Void

    package init(
        store: any TokenStore,
        workflow: any Workflow,
        clock: any Clock<Duration>,
        randomBits: @escaping RandomBits,
        options: StreamOptions = StreamOptions(),
        report: Report? = nil
    ) {
        self.store = store
        self.workflow = workflow
        self.clock = clock
        self.randomBits = randomBits
        self.options = options
        self.report = report
        streams = OpenStreams(store: store, report: report)
    }

    /// Whether a path is the function's, also with slashes at its end, which get a 404 that says so.
    package static func serves(_ path: String) -> Bool {
        StreamPath.workflowName(in: path) != nil || StreamPath.hasSlashBehind(path)
    }

    /// Answers a request.
    package func handle(_ request: Request) async -> Response {
        let age = Stopwatch(clock)
        let trace = TraceContext(continuing: request.trace, randomBits)
        var response: Response
        do throws(Refused) {
            response = try await answer(request, age, trace)
        } catch {
            response = error.response
            if let report, let refusal = error.refusal {
                let origin = StreamEvent.Origin(request, traceID: trace.traceID)
                report(StreamEvent(origin: origin, kind: .refused(refusal, token(of: request), cause: response.cause)))
            }
        }
        options.allowedOrigins.expose(&response, to: request)
        response.traceID = trace.traceID
        return response
    }

    /// Renews the leases of the streams that are open, once a second, ends those that were revoked or are too long, and
    /// gives back what attempts of unknown outcome may hold. Runs until its task is cancelled.
    package func maintain() async {
        await withDiscardingTaskGroup { group in
            while (try? await clock.sleep(for: .seconds(1))) != nil {
                await streams.endOverdue()
                // A store that does not answer must not hold up the next second.
                group.addTask { [streams] in await streams.renew() }
                group.addTask { [streams] in await streams.settle() }
            }
        }
        await streams.settle()
    }

    /// Gives back what attempts of unknown outcome may hold, as far as the store answers, before the process is frozen.
    package func settle() async {
        await streams.settleAll()
    }

    private func token(of request: Request) -> StreamToken? {
        if case .text(let text) = Self.credential(of: request) { StreamToken(text) } else { nil }
    }

    /// In the query, as EventSource can send it, or a bearer's.
    static func credential(of request: Request) -> BearerCredential {
        let given = request.parameters.values(of: "token").map { Substring($0) } + request.headers.bearerTokens
        return BearerCredential(given, takesRepeats: true, hasForm: StreamToken.hasForm)
    }

    private func answer(_ request: Request, _ age: Stopwatch, _ trace: TraceContext) async throws(Refused) -> Response {
        guard let name = StreamPath.workflowName(in: request.path) else {
            let isSlashBehind = StreamPath.hasSlashBehind(request.path)
            throw Refused(nil, isSlashBehind ? .slashBehind(StreamPath.template) : .notFound)
        }
        if request.isPreflight { return options.allowedOrigins.preflight(request) }
        // Whoever asks without a page's preflight (RFC 9110, section 9.3.7).
        if request.method == .options { return Response(.noContent, headers: [.allow: StreamPath.methods]) }
        let format = try format(of: request)
        guard options.allowedOrigins.allow(request) else { throw Refused(.originNotAllowed, .originNotAllowed) }
        let credential = Self.credential(of: request)
        guard case .text(let text) = credential, let token = StreamToken(text) else {
            switch credential {
            case .none: throw Refused(.noToken, .noToken, cause: "no token given")
            case .ambiguous: throw Refused(.unusableToken, .invalidToken, cause: "more than one token")
            case .malformed, .text: throw Refused(.unusableToken, .invalidToken, cause: "malformed token")
            }
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
                origin: StreamEvent.Origin(request, traceID: trace.traceID)
            )
        )
    }

    /// How the client wants its stream, if it may ask for one by that method.
    private func format(of request: Request) throws(Refused) -> StreamFormat {
        let accepted = AcceptedFormats(request.headers)
        switch request.method {
        case .post:
            guard let format = accepted.preferred else { throw Refused(nil, .notAcceptable) }
            return format
        // Whatever prefetches links must not spend the token in them.
        case .get where accepted.namesEvents: return .events
        default: throw Refused(nil, .wrongMethod)
        }
    }
}

/// What operators set about streams.
package struct StreamOptions: Sendable {
    /// How long a workflow may take from the asking to its first output.
    package var firstByte = Duration.seconds(30)
    /// The longest that a stream lasts.
    package var maximum = Duration.seconds(300)
    /// After so much silence a client of server-sent events gets a comment, so that nothing between thinks it dead.
    package var heartbeat = Duration.seconds(15)
    package var allowedOrigins = AllowedOrigins.any

    package init() {}

    /// How long a reservation holds, in milliseconds: the workflow's time and some for the way.
    var lease: Int {
        Int(firstByte.components.seconds) * 1000 + 5000
    }
}
