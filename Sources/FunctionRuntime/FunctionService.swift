import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

/// What the runtime puts around a function on one loop: request ids, health, the forms of errors, a log line a request.
/// Lives on its loop's thread.
final class FunctionService: @unchecked Sendable {
    // Unchecked: `lastReady` and `isDraining` are touched on the loop's thread alone.

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

    /// The server's view of it.
    var service: Service {
        Service(
            respond: { await self.answer(self.identified($0), collected: self.contract == .fn) },
            refuse: { self.refuse($0) },
            completed: { self.completed($0) },
            // What is about health: a platform restarts the process for it.
            isVital: { Health(self.routed($0).path) != nil },
            envelope: contract == .fn ? self : nil
        )
    }

    /// The request at the path that the function knows. One that has no prefix is served as it is, and so is one whose
    /// path begins like the prefix, but is the function's own.
    private func routed(_ received: Request) -> Request {
        guard let prefix, !instance.knowsPath(received.path), let path = prefix.taken(off: received.path) else {
            return received
        }
        var request = received
        request.path = path
        return request
    }

    /// The same with its id, the caller's or a new one, and with the client's address.
    func identified(_ request: Request) -> Request {
        var request = request
        request.id = requestID(request.headers)
        request.clientAddress = clientAddress?.address(in: request.headers)
        return request
    }

    /// The answer of the function, or of the runtime, to an ``identified(_:)`` request; its body is at hand if it is to be
    /// `collected`.
    func answer(_ received: Request, collected: Bool = false) async -> Response {
        let request = routed(received)
        var response: Response
        switch Health(request.path) {
        case .liveness: response = health(request, nil)
        case .readiness: response = health(request, await unreadiness())
        case nil: response = await instance.handler(request)
        }
        if collected { response = await instance.collected(response, to: request) }
        return response.identified(request)
    }

    /// What is answered instead of the function's answer to an ``identified(_:)`` request.
    func failure(_ error: HTTPError, _ request: Request, cause: String) -> Response {
        var response = instance.errorResponse(error, routed(request))
        response.cause = cause
        return response.identified(request)
    }

    private func refuse(_ refusal: Refusal) -> Response {
        let request = refusal.request
        var response = instance.errorResponse(refusal.error, request.map(routed))
        response.cause = refusal.reason
        let id = request.map { requestID($0.headers) } ?? makeRequestID()
        response.headers[.xRequestID] = Headers.Value(valid: id)
        return response
    }

    /// Logs a request's line; `awsRequestID` is what Lambda calls it.
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
                // Never the query: a stream token stands there.
                $0.member("path", request.path)
            }
            $0.member("status", status.code)
            $0.member("duration_us", Int(exchange.duration.nanoseconds / 1000))
            if !exchange.isComplete { $0.member("incomplete", true) }
            if let cause = exchange.response.cause { $0.member("cause", cause) }
        }
    }

    private func health(_ request: Request, _ problem: String?) -> Response {
        guard request.method == .get || request.method == .head else {
            var response = instance.errorResponse(.methodNotAllowed("GET, HEAD"), request)
            // Whatever the function's own paths take.
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        var json = JSONWriter()
        json.object { $0.member("status", problem == nil ? "ok" : "unavailable") }
        return Response(
            problem == nil ? .ok : .serviceUnavailable,
            headers: .answer(.json),
            body: .bytes(json.bytes),
            cause: problem
        )
    }

    /// Why the function cannot do its work; nil if it can, or could within the last second.
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

    /// The caller's, if it is 1 to 128 visible ASCII characters; else a new one.
    private func requestID(_ headers: Headers) -> String {
        guard let id = headers[.xRequestID]?.string, (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy(ASCIISet.visible.contains)
        else { return makeRequestID() }
        return id
    }

    /// 60 random bits in hexadecimal digits: enough to find a request in a log, and short enough for a string that needs
    /// no allocation.
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

/// Fn's calls around requests and responses.
extension FunctionService: Envelope {
    func open(_ received: Request) -> Request? {
        received.path == FnCall.path ? FnCall.request(within: received) : nil
    }

    func reject(_ received: Request) -> Response {
        instance.errorResponse(.badRequest, received)
    }

    func seal(_ response: Response, to request: Request) -> Response {
        var response = response
        // The platform hands on what is within its own POST; a server leaves it out by itself.
        if request.method == .head { response.body = .empty }
        return FnCall.answer(carrying: response)
    }
}

extension Response {
    fileprivate func identified(_ request: Request) -> Response {
        var response = self
        // Legal by construction: the caller's was a legal value, and ours has digits and letters only.
        response.headers[.xRequestID] = Headers.Value(valid: request.id)
        return response
    }
}

/// What platforms ask of a process, by the paths that they ask at.
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
