import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionMetrics

/// Answers `GET /metrics` on a port of its own: what operators read is nobody else's business.
final class MetricsServer: Sendable {
    private let server: Server
    /// Where it listens.
    let address: SocketAddress

    /// Scrapers are few, and idle ones make room.
    static let connectionLimit = 16

    /// Its requests are logged at debug and counted nowhere.
    init(_ collector: MetricsCollector, at address: SocketAddress, log: Log) throws(SystemError) {
        var options = ServerOptions()
        options.connectionLimit = Self.connectionLimit
        options.requestLimit = 16
        options.waitingBodyLimit = 1
        options.bodyBudget = 1024
        options.bodyLimit = 1024
        options.idleGrace = .milliseconds(0)
        let service = Service(
            respond: { await Self.respond(to: $0, collector) },
            refuse: { FunctionInstance.plainErrorResponse($0.error, $0.request) },
            completed: { exchange in
                log.write(.debug, "metrics") {
                    $0.member("status", exchange.response.status.code)
                    $0.member("duration_us", Int(exchange.duration.nanoseconds / 1000))
                }
            }
        )
        server = Server(on: collector.loop, options: options, service: service)
        self.address = try server.listen(on: address)
    }

    /// Ends; from any thread.
    func stop() async {
        await server.loop.start { [server] in
            await server.drain(accepting: .seconds(0), grace: .seconds(0))
        }.value
    }

    private static func respond(to request: Request, _ collector: MetricsCollector) async -> Response {
        guard request.path == "/metrics" else { return FunctionInstance.plainErrorResponse(.notFound, request) }
        guard request.method == .get || request.method == .head else {
            var response = FunctionInstance.plainErrorResponse(.methodNotAllowed("GET, HEAD"), request)
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        return Response(
            .ok,
            headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: .text(await collector.read().text)
        )
    }

    private static let contentType = Headers.Value(valid: MetricsReading.contentType)
}
