import FunctionCore
import FunctionEventLoop

/// Lambda's own API: takes an event and returns the function's response.
extension LambdaService {
    /// The longest event of a call that does not wait for the result, in bytes.
    private static let asynchronousLimit = 1 << 20

    func invoke(_ call: InvokeCall, _ request: Request, id: String) async -> Response {
        do throws(InvokeError) {
            guard request.method == .post else { throw .wrongMethod }
            // First of all, because a client with a long body may not read a response before it has sent it. If the
            // body breaks off, nobody reads this response.
            guard let event = try? await request.body.content(upTo: Self.eventLimit) else {
                throw .tooLarge(Self.eventLimit)
            }
            let function = try FunctionReference(call.function, query: request.query)
            guard function.names(settings) else {
                throw .functionNotFound("\(function.arn(settings)); only \(settings.arn) runs here")
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
            case .wait where call.streams: return try await streamedResponse(of: invocation)
            case .wait: return try await response(of: invocation)
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

    /// The event for the function: an empty object if the call has none.
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

    private func response(of invocation: LambdaInvocation) async throws(InvokeError) -> Response {
        var response: Response
        switch await pool.invoke(invocation) {
        case .whole(let bytes, let contentType):
            response = Self.success(contentType ?? "application/json", .bytes(bytes))
        case .streamed(let pipe, let contentType):
            let limit = RuntimeAPI.responseLimit
            let bytes = await pipe.collect(upTo: limit)
            response =
                bytes.map { Self.success(contentType ?? "application/json", .bytes($0)) }
                ?? Self.failure(invocation.error ?? .tooLarge(invocation.id, count: limit + 1))
        case .failed(let error): response = Self.failure(error)
        case .throttled: throw .throttled
        }
        if let log = await invocation.wholeLog() {
            // Base64 has only characters that a header value may have.
            response.headers["x-amz-log-result"] = Headers.Value(valid: log.base64)
        }
        return response
    }

    private func streamedResponse(of invocation: LambdaInvocation) async throws(InvokeError) -> Response {
        let stream = InvokeStream(invocation: invocation)
        let body =
            switch await pool.invoke(invocation) {
            case .whole(let bytes, _): stream.body(whole: bytes)
            case .streamed(let pipe, _): stream.body(of: pipe)
            case .failed(let error): stream.body(of: error)
            case .throttled: throw InvokeError.throttled
            }
        return Self.success(InvokeStream.contentType, body)
    }

    private static func success(_ contentType: Headers.Value, _ body: Body) -> Response {
        Response(.ok, headers: [.contentType: contentType, "x-amz-executed-version": "$LATEST"], body: body)
    }

    /// The status is 200 even if the function failed, because the invocation itself succeeded.
    private static func failure(_ error: FunctionError) -> Response {
        var response = success("application/json", .bytes(error.body))
        response.headers["x-amz-function-error"] = Headers.Value(valid: FunctionError.code)
        return response
    }
}
