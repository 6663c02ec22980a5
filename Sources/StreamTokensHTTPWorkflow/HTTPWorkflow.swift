import FunctionBytes
package import FunctionCore
package import FunctionEventLoop
import FunctionHTTP
package import FunctionTLS
package import StreamTokensWorkflows

/// Workflows behind an HTTP server: each run is a POST of its variables, and its output is the response's content.
///
/// Of the client's headers only the request id and the trace are passed on. Redirects are not followed, so that output
/// comes only from the operator's URL.
package struct HTTPWorkflow: Workflow {
    private let url: WorkflowURL
    private let client: Client
    private let silence: Duration
    private let eventLimit: Int
    /// The headers of every request.
    private let headers: Headers

    /// Calls the workflows at `url` over connections of `loop`, with `authorization` as the field of that name.
    ///
    /// A run that has begun fails if no byte comes within `silence` while its reader waits, or if its event stream has
    /// a line, or the data of an event, of more than `eventLimit` bytes. `tls` is for `https`.
    package init(
        _ url: WorkflowURL,
        authorization: Headers.Value? = nil,
        silence: Duration = .seconds(60),
        eventLimit: Int = 1 << 20,
        tls: TLSContext = .system,
        on loop: EventLoop
    ) {
        var options = ClientOptions()
        options.tls = tls
        client = Client(on: loop, options: options)
        self.url = url
        self.silence = silence
        self.eventLimit = eventLimit
        var headers: Headers = [
            .contentType: "application/json",
            .accept: "text/event-stream, text/plain;q=0.9, */*;q=0.1",
            "accept-encoding": "identity",
        ]
        headers[.authorization] = authorization
        self.headers = headers
    }

    package func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        let deadline = Instant.now.advanced(by: limit)
        guard let request = request(call) else { throw .notFound }
        let response = try await send(request, until: deadline)
        try await check(response, until: deadline)
        let run = HTTPWorkflowRun(response, silence: Interval(silence), eventLimit: eventLimit, on: client.loop)
        try await run.begin(until: deadline)
        return run
    }

    // Neither this nor what is called before or after is inlined: that would make the frame large in which a workflow's
    // silence is waited for.
    @inline(never)
    private func send(
        _ request: ClientRequest,
        until deadline: Instant
    ) async throws(WorkflowFailure) -> ClientResponse {
        do throws(ClientError) {
            return try await client.send(request, to: url.origin, until: deadline)
        } catch {
            throw WorkflowFailure(error)
        }
    }

    /// Throws if the workflow has refused the request.
    @inline(never)
    private func check(_ response: ClientResponse, until deadline: Instant) async throws(WorkflowFailure) {
        guard let failure = WorkflowFailure(response.status, response.headers) else { return }
        defer { response.cancel() }
        throw await failure.naming(variableIn: response, until: deadline)
    }

    /// Nil if no workflow can have that name.
    @inline(never)
    private func request(_ call: WorkflowCall) -> ClientRequest? {
        guard WorkflowCall.isName(call.workflow) else { return nil }
        var headers = headers
        headers.append("x-organization", Headers.Value(percentEncoding: call.organization))
        if let user = call.user, let value = Headers.Value(user) { headers.append("x-user", value) }
        if !call.requestID.isEmpty, let id = Headers.Value(call.requestID) { headers.append(.xRequestID, id) }
        if !call.traceparent.isEmpty, let trace = Headers.Value(call.traceparent) {
            headers.append(.traceparent, trace)
            // tracestate means nothing without traceparent.
            if !call.tracestate.isEmpty, let state = Headers.Value(call.tracestate) {
                headers.append(.tracestate, state)
            }
        }
        return ClientRequest(.post, "\(url.base)/\(call.workflow)", headers: headers, body: call.variablesText)
    }
}
