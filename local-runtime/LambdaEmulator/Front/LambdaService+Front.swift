package import FunctionCore
import FunctionEventLoop
package import FunctionPlatforms
import LocalRuntimeConsole

/// The function behind a gateway: turns a request into an event, and the function's response into the client's.
extension LambdaService {
    package func ask(_ request: Request, id: String) async -> Response {
        // If the body breaks off, the server responds itself, and nobody gets this response.
        guard let body = try? await request.body.content(upTo: Self.eventLimit) else { return front.kind.tooLarge }
        let context = FrontContext(requestID: id, time: WallClock.milliseconds, sourceIP: "127.0.0.1")
        let event = front.event(for: request, body: body, context: context)
        guard event.count <= Self.eventLimit else { return front.kind.tooLarge }
        switch await pool.invoke(invocation(id, event, of: request)) {
        case .whole(let bytes, _): return whole(bytes, id)
        case .streamed(let pipe, let contentType):
            guard front.kind.streams else {
                guard let bytes = await pipe.collect(upTo: front.kind.responseLimit) else { return front.kind.failure }
                return whole(bytes, id)
            }
            return await streamed(pipe, contentType, id)
        case .failed: return front.kind.failure
        case .throttled: return front.kind.throttled
        }
    }

    private func whole(_ bytes: [UInt8], _ id: String) -> Response {
        do throws(PlatformEventError) {
            return try front.response(from: bytes)
        } catch {
            return refuse("the response", "\(error)", id)
        }
    }

    private func streamed(_ pipe: ChunkPipe, _ contentType: Headers.Value?, _ id: String) async -> Response {
        guard contentType == StreamPrelude.contentType else {
            // A function URL passes on a stream without a prelude as it is; a REST API rejects it.
            guard front.kind == .gatewayV2 else {
                pipe.abandon()
                return refuse("the stream's content-type", "must be \(StreamPrelude.contentType)", id)
            }
            return Response(.ok, headers: [.contentType: contentType ?? "application/octet-stream"], body: pipe.body())
        }
        var prelude = StreamPrelude()
        do {
            while let chunk = try await pipe.next() {
                guard let content = prelude.take(chunk) else {
                    guard prelude.bytes.count <= StreamPrelude.limit else { break }
                    continue
                }
                var response = try front.streamedHead(from: prelude.bytes)
                response.body = pipe.body(after: Array(content))
                return response
            }
            pipe.abandon()
            return refuse("the stream", "has no prelude that eight NUL bytes end", id)
        } catch let error as PlatformEventError {
            pipe.abandon()
            return refuse("the stream's prelude", "\(error)", id)
        } catch {
            return front.kind.failure
        }
    }

    /// The function is at fault. The reason goes to the log for its author, not to the client.
    private func refuse(_ what: String, _ reason: String, _ id: String) -> Response {
        log.line("\(id) \(front.kind.rawValue): \(what) is refused: \(reason)")
        return front.kind.failure
    }
}

extension PlatformEvent.Kind {
    /// The client's response when the function failed or its response is invalid.
    package var failure: Response {
        switch self {
        case .gatewayV2: .json(.badGateway, #"{"Message":"Internal Server Error"}"#)
        case .gatewayV1: .json(.badGateway, #"{"message": "Internal server error"}"#)
        case .loadBalancer, .multiValueLoadBalancer: .page(.badGateway)
        }
    }

    /// The client's response when no environment is free.
    fileprivate var throttled: Response {
        switch self {
        case .gatewayV2: InvokeError.throttled.response
        case .gatewayV1: .json(.internalServerError, #"{"message": "Internal server error"}"#)
        case .loadBalancer, .multiValueLoadBalancer: .page(.badGateway)
        }
    }

    fileprivate var tooLarge: Response {
        switch self {
        case .gatewayV2, .gatewayV1: .json(.contentTooLarge, #"{"message":"Request Entity Too Large"}"#)
        case .loadBalancer, .multiValueLoadBalancer: .page(.contentTooLarge)
        }
    }
}

extension Response {
    package static func json(_ status: Status, _ text: String) -> Response {
        Response(status, headers: [.contentType: "application/json"], body: .text(text))
    }

    /// The load balancer's own page.
    fileprivate static func page(_ status: Status) -> Response {
        let title = "\(status.code) \(status.reason)"
        let text =
            "<html>\r\n<head><title>\(title)</title></head>\r\n<body>\r\n<center><h1>\(title)</h1></center>\r\n</body>\r\n</html>\r\n"
        return Response(status, headers: [.contentType: "text/html"], body: .text(text))
    }
}
