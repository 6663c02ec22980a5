import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// Calls the functions in this process, without a socket, on their own loop and through the service of their server.
actor InProcessService {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let service: Service
    private var underWay: [ObjectIdentifier: InProcessExchange] = [:]
    private var isStopped = false
    private let isEmpty = Promise<Void>()

    /// How long a cancelled request may take to end.
    private static let cancelGrace = Interval.milliseconds(500)

    init(_ service: Service, on loop: EventLoop) {
        self.service = service
        self.loop = loop
    }

    /// Sends a request, and returns its response with the head. Throws `timedOut` after `deadline`.
    func send(_ wanted: ClientRequest, until deadline: Instant) async throws(ClientError) -> IncomingResponse {
        guard !isStopped else { throw .connectFailed("the runtime was stopped") }
        let parts = wanted.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var request = Request(
            method: wanted.method,
            path: parts[0],
            query: parts.count > 1 ? parts[1] : nil,
            headers: wanted.headers,
            body: .bytes(wanted.body)
        )
        // A client sends it over a socket too.
        request.headers[.host] = "127.0.0.1"
        let exchange = InProcessExchange(on: loop)
        start(request, exchange)
        let reader = InProcessReader(exchange)
        let head = try await reader.exchange.readHead(until: deadline)
        return IncomingResponse(status: head.status, headers: head.headers) { (deadline) async throws(ClientError) in
            try await reader.exchange.next(until: deadline)
        }
    }

    private func start(_ request: Request, _ exchange: InProcessExchange) {
        let id = ObjectIdentifier(exchange)
        underWay[id] = exchange
        let task = loop.start { [service] in
            await exchange.run(request, service)
            await self.ended(id)
        }
        exchange.assumeIsolated { $0.task = task }
    }

    private func ended(_ id: ObjectIdentifier) {
        underWay[id] = nil
        if isStopped, underWay.isEmpty { isEmpty.fulfil() }
    }

    /// Cancels the requests in flight, and returns when they have ended, after a grace period at the latest.
    func stop() async {
        isStopped = true
        for exchange in underWay.values { await exchange.cancel() }
        let timer = Timer(on: loop, at: .now + Self.cancelGrace) { [isEmpty] in isEmpty.fulfil() }
        if !underWay.isEmpty { await isEmpty.wait() }
        timer.cancel()
        // A handler that is left may still be suspended, but its loop stops.
        for exchange in underWay.values { await exchange.breakOff() }
    }
}
