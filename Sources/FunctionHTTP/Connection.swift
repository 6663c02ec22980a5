import FunctionCore
import FunctionEventLoop

/// A connection of a server. One task reads a request, calls the service, writes the response, and repeats.
///
/// The next request is read only after the previous response was written: a client that pipelines is slowed to our
/// speed. `Connection+Input` reads, `Connection+Response` writes.
actor Connection {
    nonisolated let server: Server
    nonisolated var loop: EventLoop { server.loop }
    nonisolated var unownedExecutor: UnownedSerialExecutor { server.loop.asUnownedSerialExecutor() }

    let socket: Socket
    /// Its place in the server's ``Crowd``.
    nonisolated let place: Int
    var parser: RequestParser
    /// Bytes that were read but not parsed: pipelined requests, or content that the handler has not asked for.
    var unread: [UInt8] = []
    /// The index of the next byte to parse in `unread`.
    var unreadStart = 0
    var state = State.idle
    /// Why the connection must make room; nil while it need not.
    private(set) var eviction: Eviction?
    /// When the connection closes unless a request arrives; nil before ``endIdling()``.
    private(set) var idleGraceEnd: Instant?
    /// Runs ``run()``. Handlers run in this task and so see its cancellation.
    private(set) var task: Task<Void, Never>?

    enum State {
        /// Between requests.
        case idle
        /// Reading a request's head.
        case head(until: Instant)
        /// Reading a request's body; `continues` if the client waits for 100 (Continue) before it sends the body.
        case body(until: Instant, continues: Bool)
        /// The whole request was read.
        case read
        /// The request was refused; nothing more can be read.
        case failed(Refusal)
    }

    /// Why a connection whose client keeps it waiting must make room.
    enum Eviction: String {
        case forBodies = "too many requests wait for their bodies, and this one has waited longest"
        case forConnections = "connections ran short, and this one has waited longest for its client"

        var refusal: Refusal { Refusal(.requestTimeout, rawValue) }
    }

    init(_ socket: Socket, of server: Server, at place: Int) {
        self.socket = socket
        self.server = server
        self.place = place
        parser = RequestParser(limits: RequestLimits(body: server.options.bodyLimit))
    }

    /// Serves until the connection ends. When the client disconnects, the work for it is cancelled.
    func start() {
        let task = loop.start { await self.run() }
        socket.whenEnded = { task.cancel() }
        self.task = task
    }

    private func run() async {
        while await serveRequest() {}
        await close()
    }

    /// Closes the connection after the idle grace period unless a request arrives. Does nothing if a request is in
    /// flight.
    func endIdling() {
        guard case .idle = state, idleGraceEnd == nil else { return }
        idleGraceEnd = loop.now + server.options.idleGrace
        socket.interrupt()
    }

    /// Stops waiting for the client. Its request is refused; the client gets that only if it takes it at once.
    func evict(_ eviction: Eviction) {
        self.eviction = eviction
        socket.interrupt()
    }

    /// Reads one request and responds to it; returns whether another one can follow.
    private func serveRequest() async -> Bool {
        let isPipelined = unreadStart < unread.count
        state = isPipelined ? .head(until: loop.now + server.options.headTimeout) : .idle
        let head: RequestHead
        do throws(Refusal) {
            guard let next = try await readHead() else { return false }
            head = next
        } catch {
            // The part of the head that was read: its request id belongs in the response and the log.
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
        return await respond(to: head)
    }

    private func respond(to head: RequestHead) async -> Bool {
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
        // A streamed response may have read more of the request's body.
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

    /// Closes without losing a response in transit: closing with unread input would reset the connection and discard
    /// the response (RFC 9112, section 9.6).
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
