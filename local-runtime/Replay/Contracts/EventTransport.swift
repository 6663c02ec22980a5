import FunctionCore
import FunctionPlatforms
import FunctionRuntime
import FunctionTesting

/// Sends requests to a function as AWS events, and converts the results back: both the platform's part and the function
/// runtime's part of each conversion run here.
struct EventTransport: Sendable {
    let kind: PlatformEvent.Kind
    /// Whether the response is streamed to the client.
    var streams = false

    func response(to request: Request, from function: FunctionInstance) async throws -> Response {
        guard kind != .loadBalancer || !Self.hasRepeats(request) else {
            throw Skipped("the platform passes on only the last of repeated fields or parameters")
        }
        let front = GatewaySimulator(kind: kind)
        let body = try await request.body.collect(upTo: PlatformEvent.sizeLimit)
        let event = front.event(for: request, body: body, context: Self.context)
        guard body.count <= kind.responseLimit, event.count <= PlatformEvent.sizeLimit else {
            throw Skipped("the platform itself refuses a body of \(body.count) bytes")
        }
        let received = try PlatformEvent(reading: event)
        var carried = received.request
        carried.isCollected = !streams
        let result = await function.handler(carried)
        var response: Response
        if streams {
            response = try front.streamedHead(from: PlatformEvent.encodePrelude(result))
            response.body = result.body
        } else {
            let whole = await function.collected(result, to: received.request)
            let bytes = try await whole.body.collect(upTo: kind.responseLimit)
            response = try front.response(from: PlatformEvent.encode(whole, body: bytes, for: received.kind))
        }
        response.cause = result.cause
        await response.dropContent(of: request)
        return response
    }

    private static func hasRepeats(_ request: Request) -> Bool {
        let fields = request.headers.fields.map(\.name.string)
        let parameters = (request.query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" } }
        return Set(fields).count < fields.count || Set(parameters).count < parameters.count
    }

    /// The time is 2026-01-01T00:00:00Z, at which the store's clock stands still too.
    private static let context = FrontContext(
        requestID: "5ab3c2f0-0000-4000-8000-000000000000",
        time: TestClock.start,
        sourceIP: "192.0.2.1"
    )
}
