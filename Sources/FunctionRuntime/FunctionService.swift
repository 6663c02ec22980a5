import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

/// Wraps a function on one loop: adds request ids, health endpoints, error responses, and a log line for each request.
/// Confined to its loop's thread.
final class FunctionService: @unchecked Sendable {
    // Unchecked: `lastReady` and `isDraining` are touched only on the loop's thread.

    private let instance: FunctionInstance
    private let context: LoopContext
    private let contract: Contract
    private let prefix: PathPrefix?
    private let clientAddress: ClientAddressField?
    private let metrics: RequestMetrics?
    private var lastReady: Instant?
    var isDraining = false

    init(_ instance: FunctionInstance, _ context: LoopContext, _ contract: Contract, _ options: RuntimeOptions) {
        self.instance = instance
        self.context = context
        self.contract = contract
        prefix = options.pathPrefix
        clientAddress = options.clientAddress
        metrics = context.metrics.map(RequestMetrics.init)
    }

    /// This service in the form that the HTTP server calls.
    var service: Service {
        Service(
            respond: { await self.respond(toRouted: self.routed($0, isNew: true, isCollected: self.contract == .fn)) },
            refuse: { self.refuse($0) },
            completed: { self.completed($0) },
            // Health is never refused for load: a platform would restart the process.
            isVital: { Health(self.routed($0).path) != nil },
            envelope: contract == .fn ? self : nil
        )
    }

    /// The request with its id, which is the caller's or a new one, and the client's address.
    func identified(_ request: Request) -> Request {
        var request = request
        request.id = requestID(request.headers)
        request.clientAddress = clientAddress?.address(in: request.headers)
        return request
    }

    /// The request with PATH_PREFIX removed from its path. A path without the prefix is served as it is, and so is one
    /// of the function's own paths that happens to begin like the prefix.
    private func routed(_ received: Request) -> Request {
        guard let prefix, !instance.knowsPath(received.path), let path = prefix.taken(off: received.path) else {
            return received
        }
        var request = received
        request.path = path
        return request
    }

    // Not inlined: its temporaries would lie in the frame of a request that waits.
    @inline(never)
    private func routed(_ received: Request, isNew: Bool, isCollected: Bool) -> Request {
        var request = routed(isNew ? identified(received) : received)
        request.isCollected = isCollected
        return request
    }

    /// The function's response to an ``identified(_:)`` request, or the runtime's to one for health; with its whole
    /// body in memory if `collected`.
    func respond(to received: Request, collected: Bool = false) async -> Response {
        await respond(toRouted: routed(received, isNew: false, isCollected: collected))
    }

    private func respond(toRouted request: Request) async -> Response {
        var response = Response(.ok)
        if let health = Health(request.path) {
            await self.health(health, request, &response)
        } else {
            response = await instance.handler(request)
        }
        if request.isCollected { await collect(&response, to: request) }
        response.identify(by: request.id)
        return response
    }

    @inline(never)
    private func collect(_ response: inout Response, to request: Request) async {
        response = await instance.collected(response, to: request)
    }

    /// The error's response to an ``identified(_:)`` request, in place of the function's. `cause` is for the log.
    func failure(_ error: HTTPError, _ request: Request, cause: String) -> Response {
        var response = instance.errorResponse(error, routed(request))
        response.cause = cause
        response.identify(by: request.id)
        return response
    }

    private func refuse(_ refusal: Refusal) -> Response {
        let request = refusal.request
        var response = instance.errorResponse(refusal.error, request.map(routed))
        response.cause = refusal.reason
        let id = request.map { requestID($0.headers) } ?? makeRequestID()
        response.headers[.xRequestID] = Headers.Value(valid: id)
        return response
    }

    /// Logs and counts a completed request; `awsRequestID` is Lambda's id of it.
    func completed(_ exchange: Exchange, awsRequestID: String? = nil) {
        let request = exchange.request
        let status = exchange.response.status
        let isQuiet = request.map {
            let path = routed($0).path
            return path.hasPrefix("/health/") || path.hasPrefix("/_/") || instance.quietPaths.contains(path)
        }
        if let metrics, isQuiet != true { metrics.count(exchange) }
        context.log.write(status.code >= 500 ? .error : isQuiet == true ? .debug : .info, "request") {
            $0.member("request_id", exchange.response.headers[.xRequestID]?.string ?? "")
            if let awsRequestID { $0.member("aws_request_id", awsRequestID) }
            if let request {
                if let id = exchange.response.traceID ?? request.trace?.traceID { $0.member("trace_id", id) }
                $0.member("method", request.method.name)
                // Never the query: it may hold a stream token.
                $0.member("path", request.path)
            }
            $0.member("status", status.code)
            $0.member("duration_us", Int(exchange.duration.nanoseconds / 1000))
            if !exchange.isComplete { $0.member("incomplete", true) }
            if let cause = exchange.response.cause { $0.member("cause", cause) }
        }
    }

    @inline(never)
    private func health(_ health: Health, _ request: Request, _ response: inout Response) async {
        let problem: String?
        switch health {
        case .liveness: problem = nil
        case .readiness: problem = await unreadiness()
        }
        response = healthResponse(request, problem)
    }

    private func healthResponse(_ request: Request, _ problem: String?) -> Response {
        guard request.method == .get || request.method == .head else {
            return instance.errorResponse(.methodNotAllowed("GET, HEAD", "Use GET or HEAD."), request)
        }
        var json = JSONWriter()
        json.object { $0.member("status", problem == nil ? "ok" : "unavailable") }
        return Response(
            problem == nil ? .ok : .serviceUnavailable,
            headers: .common(.json),
            body: .bytes(json.bytes),
            cause: problem
        )
    }

    /// Why the function cannot do its work; nil if it can. A success is cached for a second.
    private func unreadiness() async -> String? {
        if isDraining { return "draining" }
        if let lastReady, context.loop.now - lastReady < .seconds(1) { return nil }
        do {
            try await instance.checkReadiness()
            lastReady = context.loop.now
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The caller's id if it is 1 to 128 visible ASCII characters, otherwise a new one.
    private func requestID(_ headers: Headers) -> String {
        guard let id = headers[.xRequestID]?.string, (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy(ASCIISet.visible.contains)
        else { return makeRequestID() }
        return id
    }

    /// 60 random bits as 15 hexadecimal digits: enough to find a request in a log, and short enough for a string
    /// without an allocation.
    private func makeRequestID() -> String {
        var bits = context.random.next()
        return String(unsafeUninitializedCapacity: 15) { buffer in
            for index in 0..<15 {
                let digit = UInt8(bits & 15)
                buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                bits >>= 4
            }
            return 15
        }
    }
}

/// Unwraps requests from Fn's calls, and wraps responses for them.
extension FunctionService: Envelope {
    func open(_ received: Request) -> Request? {
        received.path == FnCall.path ? FnCall.request(within: received) : nil
    }

    func reject(_ received: Request) -> Response {
        instance.errorResponse(.badRequest, received)
    }

    func seal(_ response: Response, to request: Request) -> Response {
        var response = response
        // A server drops the body of a response to HEAD; Fn's call is a POST, so that the body would be sent on.
        if request.method == .head { response.body = .empty }
        return FnCall.response(carrying: response)
    }
}

extension Response {
    /// Adds the request's id.
    @inline(never)
    fileprivate mutating func identify(by id: String) {
        // Valid by construction: the caller's id was a header's value, and ours has only digits and letters.
        headers[.xRequestID] = Headers.Value(valid: id)
    }
}

/// The health endpoints, by the paths that the platforms request.
private enum Health {
    case liveness
    case readiness

    init?(_ path: String) {
        switch path {
        case "/health/liveness", "/_/health": self = .liveness
        case "/health/readiness", "/_/ready": self = .readiness
        default: return nil
        }
    }
}
