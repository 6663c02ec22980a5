import EventLoop
import Foundation
import Function

/// Lambda's own API: an event in, the function's answer out.
extension LambdaService {
    func invoke(_ call: InvokeCall, _ request: Request, id: String) async -> Response {
        guard request.method == .post else {
            return InvokeCall.error(.methodNotAllowed, "MethodNotAllowedException", "POST invokes a function")
        }
        guard call.function == settings.name else {
            let message = "Function not found: \(call.function); the one that runs here is \(settings.name)"
            return InvokeCall.error(.notFound, "ResourceNotFoundException", message)
        }
        // If it breaks off, the server answers, and this to nobody.
        guard var event = try? await request.body.content(upTo: Self.eventLimit) else {
            let message = "Request must be smaller than \(Self.eventLimit) bytes for the InvokeFunction operation"
            return InvokeCall.error(.contentTooLarge, "RequestTooLargeException", message)
        }
        if event.isEmpty { event = Array("{}".utf8) }
        guard (try? JSONSerialization.jsonObject(with: Data(event), options: .fragmentsAllowed)) != nil else {
            let message = "Could not parse request body into json"
            return InvokeCall.error(.badRequest, "InvalidRequestContentException", message)
        }
        let context = request.headers["x-amz-client-context"]
        let clientContext = context.flatMap { Base64.decode($0.string) }
            .flatMap { Headers.Value(String(decoding: $0, as: UTF8.self)) }
        guard context == nil || clientContext != nil else {
            let message = "X-Amz-Client-Context must be base64 of JSON in one line"
            return InvokeCall.error(.badRequest, "InvalidRequestContentException", message)
        }
        let invocation = invocation(id, event, of: request, clientContext: clientContext)
        switch request.headers["x-amz-invocation-type"]?.string {
        case nil, "RequestResponse": return await answer(of: invocation, streams: call.streams)
        case "DryRun": return Response(.noContent)
        case "Event" where !call.streams:
            fleet.loop.start {
                if case .streamed(let pipe, _) = await fleet.invoke(invocation) { pipe.abandon() }
            }
            return Response(Status(202))
        default:
            let message = "X-Amz-Invocation-Type must be RequestResponse, Event or DryRun"
            return InvokeCall.error(.badRequest, "InvalidParameterValueException", message)
        }
    }

    private func answer(of invocation: LambdaInvocation, streams: Bool) async -> Response {
        switch await fleet.invoke(invocation) {
        case .whole(let bytes, let contentType):
            return Self.answer(contentType ?? "application/json", .bytes(bytes))
        case .streamed(let pipe, let contentType):
            if streams { return Self.answer(contentType ?? "application/octet-stream", pipe.body()) }
            if let bytes = await pipe.collect(upTo: RuntimeAPI.responseLimit) {
                return Self.answer(contentType ?? "application/json", .bytes(bytes))
            }
            return Self.failure(invocation.error ?? .tooLarge(invocation.id, count: RuntimeAPI.responseLimit + 1))
        case .failed(let error): return Self.failure(error)
        case .throttled: return InvokeCall.throttled
        }
    }

    private static func answer(_ contentType: Headers.Value, _ body: Body) -> Response {
        Response(.ok, headers: [.contentType: contentType, "x-amz-executed-version": "$LATEST"], body: body)
    }

    /// A function that has failed was still invoked: 200.
    private static func failure(_ error: FunctionError) -> Response {
        var response = answer("application/json", .bytes(error.body))
        response.headers["x-amz-function-error"] = "Unhandled"
        return response
    }
}
