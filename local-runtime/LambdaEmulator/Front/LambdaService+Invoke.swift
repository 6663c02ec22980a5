import FunctionCore
import FunctionEventLoop

/// Lambda's own API: an event in, the function's answer out.
extension LambdaService {
    /// The longest event of a call that does not wait, in bytes.
    private static let asynchronousLimit = 1 << 20

    func invoke(_ call: InvokeCall, _ request: Request, id: String) async -> Response {
        do throws(InvokeError) {
            guard request.method == .post else { throw .wrongMethod }
            // Before all else: who sends much may read no answer before. If it breaks off, nobody reads this one.
            guard let event = try? await request.body.content(upTo: Self.eventLimit) else {
                throw .tooLarge(Self.eventLimit)
            }
            let function = try FunctionReference(call.function, query: request.query)
            guard function.names(settings) else {
                throw .functionNotFound("\(function.arn(settings)); what runs here is \(settings.arn)")
            }
            let options = try InvokeOptions(request.headers, streams: call.streams)
            let invocation = invocation(
                id,
                try Self.payload(event, for: options),
                of: request,
                clientContext: options.clientContext,
                keepsLog: options.wantsLog
            )
            switch options.kind {
            case .wait where call.streams: return try await streamedAnswer(of: invocation)
            case .wait: return try await answer(of: invocation)
            case .dryRun: return Response(.noContent)
            case .event:
                pool.loop.start {
                    if case .streamed(let pipe, _) = await pool.invoke(invocation) { pipe.abandon() }
                }
                return Response(Status(202))
            }
        } catch {
            return error.response
        }
    }

    /// The event that the function is handed; without one, it is an empty object.
    private static func payload(_ event: [UInt8], for options: InvokeOptions) throws(InvokeError) -> [UInt8] {
        guard !event.isEmpty else { return Array("{}".utf8) }
        guard options.kind != .event || event.count <= asynchronousLimit else { throw .tooLarge(asynchronousLimit) }
        do throws(JSONError) {
            _ = try JSONReader.read(event)
        } catch {
            throw .noJSON(error)
        }
        return event
    }

    private func answer(of invocation: LambdaInvocation) async throws(InvokeError) -> Response {
        var response: Response
        switch await pool.invoke(invocation) {
        case .whole(let bytes, let contentType):
            response = Self.answer(contentType ?? "application/json", .bytes(bytes))
        case .streamed(let pipe, let contentType):
            let limit = RuntimeAPI.responseLimit
            let bytes = await pipe.collect(upTo: limit)
            response =
                bytes.map { Self.answer(contentType ?? "application/json", .bytes($0)) }
                ?? Self.failure(invocation.error ?? .tooLarge(invocation.id, count: limit + 1))
        case .failed(let error): response = Self.failure(error)
        case .throttled: throw .throttled
        }
        if let log = await invocation.wholeLog() {
            // Base64's own characters.
            response.headers["x-amz-log-result"] = Headers.Value(valid: log.base64)
        }
        return response
    }

    private func streamedAnswer(of invocation: LambdaInvocation) async throws(InvokeError) -> Response {
        let stream = InvokeStream(invocation: invocation)
        let body =
            switch await pool.invoke(invocation) {
            case .whole(let bytes, _): stream.body(whole: bytes)
            case .streamed(let pipe, _): stream.body(of: pipe)
            case .failed(let error): stream.body(of: error)
            case .throttled: throw InvokeError.throttled
            }
        return Self.answer(InvokeStream.contentType, body)
    }

    private static func answer(_ contentType: Headers.Value, _ body: Body) -> Response {
        Response(.ok, headers: [.contentType: contentType, "x-amz-executed-version": "$LATEST"], body: body)
    }

    /// A function that has failed was still invoked: 200.
    private static func failure(_ error: FunctionError) -> Response {
        var response = answer("application/json", .bytes(error.body))
        response.headers["x-amz-function-error"] = Headers.Value(valid: FunctionError.code)
        return response
    }
}
