import FunctionCore
import FunctionEventLoop

/// A connection of a server: reads a request, has it answered, writes the response, and so on, in one task.
///
/// The next request is read when the previous response is written, so a client that pipelines is slowed to our speed.
/// Its other parts: +Input reads, +Response writes.
actor Connection {
    nonisolated let server: Server
    nonisolated var loop: EventLoop { server.loop }
    nonisolated var unownedExecutor: UnownedSerialExecutor { server.loop.asUnownedSerialExecutor() }

    let socket: Socket
    /// Where it stands in the server's crowd.
    nonisolated let place: Int
    var parser: RequestParser
    /// What was read and not parsed yet: pipelined requests, or content that the handler has not asked for.
    var unread: [UInt8] = []
    /// Where the next byte to parse stands in `unread`.
    var unreadStart = 0
    var state = State.idle
    /// Why it has to end, if it does.
    private(set) var eviction: Eviction?
    /// When it ends unless a request comes; nil while it need not.
    private(set) var idleGraceEnd: Instant?
    /// What runs ``run()``: whoever answers a request sees that it is cancelled.
    private(set) var task: Task<Void, Never>?

    enum State {
        /// Between requests.
        case idle
        /// Within a request's head.
        case head(until: Instant)
        /// Within a request's body; `continues` if the client waits for 100 (Continue) before it sends it.
        case body(until: Instant, continues: Bool)
        /// The request was read whole.
        case read
        /// What was read cannot be gone on with.
        case failed(Refusal)
    }

    /// What it makes room for while its client keeps it waiting.
    enum Eviction: String {
        case forBodies = "too many bodies are waited for, and this one was longest"
        case forConnections = "connections ran short, and this one was waited for longest"

        var refusal: Refusal { Refusal(.requestTimeout, rawValue) }
    }

    init(_ socket: Socket, of server: Server, at place: Int) {
        self.socket = socket
        self.server = server
        self.place = place
        parser = RequestParser(limits: RequestLimits(body: server.options.bodyLimit))
    }

    /// Serves until the connection ends. A client that goes away cancels what is being done for it.
    func start() {
        let task = loop.start { await self.run() }
        socket.whenEnded = { task.cancel() }
        self.task = task
    }

    private func run() async {
        while await serveRequest() {}
        await close()
    }

    /// Has the connection wait no longer than the grace lasts, if no request is under way on it.
    func endIdling() {
        guard case .idle = state, idleGraceEnd == nil else { return }
        idleGraceEnd = loop.now + server.options.idleGrace
        socket.interrupt()
    }

    /// Has the client waited for no longer: it is refused, if it takes that at once.
    func evict(_ eviction: Eviction) {
        self.eviction = eviction
        socket.interrupt()
    }

    /// Reads one request and answers it; answers whether another one can follow.
    private func serveRequest() async -> Bool {
        let isPipelined = unreadStart < unread.count
        state = isPipelined ? .head(until: loop.now + server.options.headTimeout) : .idle
        let head: RequestHead
        do throws(Refusal) {
            guard let next = try await readHead() else { return false }
            head = next
        } catch {
            // What was read of the head until then: its request id belongs into the answer and the log.
            var received = parser.head.map { self.request($0, body: .empty) }
            var isCall = false
            if var request = received {
                isCall = server.service.open(&request)
                received = request
            }
            var response = server.service.refuse(error.of(isCall ? received : nil))
            let inner = isCall ? received.flatMap { server.service.seal(&response, to: $0) } : nil
            let start = Instant.now
            let method: Method = parser.isHead ? .head : .get
            let framing = ResponseEncoder.framing(of: response, to: method, isHTTP11: true)
            let complete = await write(response, framing, connection: "close")
            completed(received, inner ?? response, since: start, complete)
            return false
        }
        return await answer(head)
    }

    private func answer(_ head: RequestHead) async -> Bool {
        let start = Instant.now
        var request = request(head, body: body(of: head))
        let isCall = server.service.open(&request)
        var response: Response
        if server.crowd.admit(place) || isCall && server.service.isVital(request) {
            if let envelope = server.service.envelope, !isCall {
                response = envelope.reject(request)
            } else {
                response = await server.service.respond(request)
            }
            server.crowd.finish(place)
            server.goesOn(self)
        } else {
            server.evictions.overloaded += 1
            response = server.service.refuse(Self.overloaded.of(isCall ? request : nil))
        }
        if case .failed(let refusal) = state {
            await response.body.discard()
            response = server.service.refuse(refusal.of(isCall ? request : nil))
        }
        let inner = isCall ? server.service.seal(&response, to: request) : nil
        let isHTTP11 = head.version == .http11
        let framing = ResponseEncoder.framing(of: response, to: head.method, isHTTP11: isHTTP11)
        let keepsAlive =
            head.keepAlive && isRead && !server.isDraining && idleGraceEnd == nil && framing != .close
        let connection: StaticString? = !keepsAlive ? "close" : isHTTP11 ? nil : "keep-alive"
        let complete = await write(response, framing, connection: connection)
        // A streamed answer may have read on in the request's body.
        server.crowd.finish(place)
        completed(request, inner ?? response, since: start, complete)
        return keepsAlive && complete && isRead
    }

    static let overloaded = Refusal(.overloaded, "too many requests in flight")

    private nonisolated func request(_ head: RequestHead, body: Body) -> Request {
        Request(method: head.method, path: head.path, query: head.query, headers: head.headers, body: body)
    }

    private var isRead: Bool {
        if case .read = state { true } else { false }
    }

    private func completed(_ request: Request?, _ response: Response, since start: Instant, _ complete: Bool) {
        let duration = Instant.now - start
        server.service.completed(
            Exchange(request: request, response: response, duration: duration, isComplete: complete)
        )
    }

    /// Closes so that a response that is still on its way arrives: to close with input unread would reset the
    /// connection and take the response with it (RFC 9112, section 9.6).
    private func close() async {
        let mustLinger =
            switch state {
            case _ where socket.isResetByClosing: false
            case .idle: false
            case .read: unreadStart < unread.count || !socket.isQuiet
            case .head, .body, .failed: true
            }
        if mustLinger, !socket.isClosed {
            socket.shutdownOutput()
            server.waits(self, as: .closing)
            let end = loop.now + .seconds(1)
            var rest = 1 << 20
            while rest > 0 {
                if let count = try? socket.read(into: loop.scratch) {
                    guard count > 0 else { break }
                    rest -= count
                } else {
                    if case .forConnections = eviction { break }
                    guard await socket.readable(until: end) == .ready else { break }
                }
            }
        }
        socket.close()
        server.closed(self)
    }
}
