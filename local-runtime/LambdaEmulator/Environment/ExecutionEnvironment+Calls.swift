package import FunctionCore
import FunctionEventLoop
import FunctionPlatforms
import LocalRuntimeConsole

extension ExecutionEnvironment {
    /// Keeps web pages from reading the function's events.
    private static let access = PageAccess()

    /// Handles a call of the Runtime API.
    package func respond(_ request: Request) async -> Response {
        guard Self.access.refusal(of: request.headers) == nil else { return RuntimeAPIError.forbidden.response }
        guard let call = LambdaCall.Endpoint(request.method, request.path) else {
            return RuntimeAPIError.notFound.response
        }
        do throws(RuntimeAPIError) {
            switch call {
            case .next: return try await next()
            case .response(let id): return try await takeResponse(to: id, request)
            case .error(let id): return try await takeError(of: id, request)
            case .initError: return try await takeInitError(request)
            case .register: return try await register(request)
            case .extensionNext: return await extensionNext()
            }
        } catch {
            return error.response
        }
    }

    private func next() async throws(RuntimeAPIError) -> Response {
        let next = try state.askNext()
        // The process wrote this before it asked.
        drainLog()
        if next.endsInit { initEnded() }
        for id in next.finished {
            if let invocation = invocations[id] { report(invocation) }
        }
        if let id = next.handed { return event(of: id) }
        let asker = Promise<String?>()
        askers.append(asker)
        freeze()
        let id = await withTaskCancellationHandler {
            await asker.wait()
        } onCancel: { [loop] in
            // Its connection has ended.
            loop.start { await self.abandon(asker) }
        }
        // Without an id the connection is gone, and nobody reads this response.
        return id.map(event) ?? RuntimeAPI.accepted
    }

    private func abandon(_ asker: Promise<String?>) {
        guard let index = askers.firstIndex(where: { $0 === asker }) else { return }
        askers.remove(at: index).fulfil(nil)
        state.abandonNext()
    }

    private func initEnded() {
        hasStarted = true
        initTimer?.cancel()
        initDuration = process.map { .now - $0.start }
    }

    /// The response that hands out an invocation. Starts its timeout.
    private func event(of id: String) -> Response {
        // It may just have timed out.
        guard let invocation = invocations[id] else { return RuntimeAPI.accepted }
        if invocation.start == nil {
            logStart(of: invocation)
            invocation.start = .now
            invocation.deadline = WallClock.milliseconds + settings.timeout.milliseconds
            invocation.timer = Timer(on: loop, at: .now + settings.timeout) { [weak self] in
                self?.assumeIsolated { $0.timedOut(invocation) }
            }
        }
        let headers = InvocationFields.headers(
            id: id,
            deadline: invocation.deadline,
            functionARN: settings.arn,
            traceID: invocation.traceID,
            clientContext: invocation.clientContext
        )
        return Response(.ok, headers: headers, body: .bytes(invocation.event))
    }

    private func takeResponse(to id: String, _ request: Request) async throws(RuntimeAPIError) -> Response {
        try state.beginResponse(to: id)
        // The state knows it, so it is not over and not removed.
        let invocation = invocations[id]!
        defer { state.endResponse(to: id) }
        switch request.headers[.lambdaResponseMode] {
        case nil: try await takeWhole(request, invocation)
        case StreamPrelude.responseMode: try await takeStreamed(request, invocation)
        default:
            invocation.fail(.invalidResponseMode(id))
            throw .invalidResponseMode
        }
        return RuntimeAPI.accepted
    }

    private func takeWhole(_ request: Request, _ invocation: LambdaInvocation) async throws(RuntimeAPIError) {
        let content = LimitedContent(limit: RuntimeAPI.responseLimit)
        try await pass(request.body, to: content, of: invocation)
        guard let bytes = await content.bytes else {
            invocation.fail(.tooLarge(invocation.id, count: await content.count))
            throw .responseTooLarge
        }
        invocation.result.fulfil(.whole(bytes, contentType: request.headers[.contentType]))
    }

    private func takeStreamed(_ request: Request, _ invocation: LambdaInvocation) async throws(RuntimeAPIError) {
        let pipe = ChunkPipe()
        invocation.pipe = pipe
        invocation.result.fulfil(.streamed(pipe, contentType: request.headers[.contentType]))
        let relay = StreamRelay(to: pipe)
        try await pass(request.body, to: relay, of: invocation)
        if let error = await relay.error { invocation.fail(error) } else { pipe.end() }
    }

    private func pass(
        _ body: Body,
        to writer: any BodyWriter,
        of invocation: LambdaInvocation
    ) async throws(RuntimeAPIError) {
        do {
            try await body.write(to: writer)
        } catch {
            invocation.fail(.truncated(invocation.id))
            throw .truncated
        }
    }

    private func takeError(of id: String, _ request: Request) async throws(RuntimeAPIError) -> Response {
        try state.beginResponse(to: id)
        // The state knows it, so it is not over and not removed.
        let invocation = invocations[id]!
        defer { state.endResponse(to: id) }
        invocation.fail(try await error(in: request))
        return RuntimeAPI.accepted
    }

    private func takeInitError(_ request: Request) async throws(RuntimeAPIError) -> Response {
        let error = try await error(in: request)
        try state.failInit()
        initFailed(error)
        return RuntimeAPI.accepted
    }

    private func error(in request: Request) async throws(RuntimeAPIError) -> FunctionError {
        let content: [UInt8]?
        do {
            content = try await request.body.content(upTo: RuntimeAPI.responseLimit)
        } catch {
            throw .truncated
        }
        guard let bytes = content else { throw .responseTooLarge }
        return .told(type: request.headers[.lambdaErrorType]?.string, body: bytes)
    }

    /// An internal extension. A runtime registers one so that it gets SIGTERM before it is killed.
    private func register(_ request: Request) async throws(RuntimeAPIError) -> Response {
        guard request.headers["lambda-extension-name"] != nil else { throw .extensionName }
        let body = (try? await request.body.collect(upTo: 1 << 16)) ?? []
        // {"events":[]}, or nothing.
        if case .object(let members)? = try? JSONReader.read(body),
            case .array(let events)? = members.value(of: "events"), !events.isEmpty
        {
            throw .extensionEvents
        }
        hasExtension = true
        var json = JSONWriter()
        json.object {
            $0.member("functionName", settings.name)
            $0.member("functionVersion", "$LATEST")
            $0.member("handler", "bootstrap")
        }
        let id: Headers.Value = "00000000-0000-4000-8000-000000000001"
        let headers: Headers = [.contentType: "application/json", "lambda-extension-identifier": id]
        return Response(.ok, headers: headers, body: .bytes(json.finish()))
    }

    /// There are no events for extensions, so this waits until the connection closes.
    private func extensionNext() async -> Response {
        let never = Promise<Void>()
        await withTaskCancellationHandler {
            await never.wait()
        } onCancel: { [loop] in
            loop.start { never.fulfil() }
        }
        return RuntimeAPI.accepted
    }
}
