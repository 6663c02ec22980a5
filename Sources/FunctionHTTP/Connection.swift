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
    /// Whether its task has served a request, and so keeps the memory of that request's deepest call.
    private(set) var hasServed = false
    /// Whether it goes on in a new task, which needs less memory.
    var renewsTask = false

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
        hasServed = false
        renewsTask = false
        let task = loop.start { await self.run() }
        socket.whenEnded = { task.cancel() }
        self.task = task
    }

    private func run() async {
        while await serveRequest() {}
        if renewsTask { start() } else { await close() }
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
            await respond(with: error)
            return false
        }
        return await respond(to: head)
    }

    /// Responds to a request whose head cannot be read.
    private func respond(with refusal: Refusal) async {
        // The part of the head that was read: its request id belongs in the response and the log.
        var received = parser.head.map { self.request($0, body: .empty) }
        var isCall = false
        if var request = received {
            isCall = server.service.open(&request)
            received = request
        }
        var response = server.service.refuse(refusal.of(isCall ? received : nil))
        let inner = isCall ? received.flatMap { server.service.seal(&response, to: $0) } : nil
        let start = Instant.now
        let method: Method = parser.isHead ? .head : .get
        let framing = ResponseEncoder.framing(of: response, to: method, isHTTP11: true)
        let complete = await write(response, framing, connection: "close")
        completed(received, inner ?? response, since: start, complete)
    }

    // What it calls without waiting works in place and is not inlined: copies of request and response would take up
    // room in this frame, which lasts as long as a stream.
    private func respond(to head: RequestHead) async -> Bool {
        hasServed = true
        let start = Instant.now
        var request = request(head, body: body(of: head))
        let isCall = open(&request)
        var response = Response(.ok)
        if admit(&request, isCall, orRefuseWith: &response) {
            response = await server.service.respond(request)
            responded()
        }
        if case .failed(let refusal) = state {
            await response.body.discard()
            refuse(&request, isCall, refusal, with: &response)
        }
        var sending = Sending()
        prepare(&sending, of: &response, to: &request, isCall, head)
        let complete = await write(response, sending.framing, connection: sending.connection)
        // A streamed response may have read more of the request's body.
        server.crowd.finish(place)
        completed(&request, &response, &sending, since: start, complete)
        return sending.keepsAlive && complete && isRead
    }

    @inline(never)
    private func open(_ request: inout Request) -> Bool {
        server.service.open(&request)
    }

    /// Returns whether a handler is to respond; sets the response otherwise.
    @inline(never)
    private func admit(_ request: inout Request, _ isCall: Bool, orRefuseWith response: inout Response) -> Bool {
        guard server.crowd.admit(place) || isCall && server.service.isVital(request) else {
            server.evictions.overloaded += 1
            refuse(&request, isCall, Self.overloaded, with: &response)
            return false
        }
        guard let envelope = server.service.envelope, !isCall else { return true }
        response = envelope.reject(request)
        responded()
        return false
    }

    @inline(never)
    private func refuse(_ request: inout Request, _ isCall: Bool, _ refusal: Refusal, with response: inout Response) {
        response = server.service.refuse(refusal.of(isCall ? request : nil))
    }

    /// Call when there is a response.
    private func responded() {
        server.crowd.finish(place)
        server.goesOn(self)
    }

    /// How a response is sent.
    private struct Sending {
        var framing = ResponseEncoder.Framing.close
        var connection: StaticString?
        var keepsAlive = false
        /// The response within the envelope; nil without one.
        var inner: Response?
    }

    @inline(never)
    private func prepare(
        _ sending: inout Sending,
        of response: inout Response,
        to request: inout Request,
        _ isCall: Bool,
        _ head: RequestHead
    ) {
        sending.inner = isCall ? server.service.seal(&response, to: request) : nil
        let isHTTP11 = head.version == .http11
        sending.framing = ResponseEncoder.framing(of: response, to: head.method, isHTTP11: isHTTP11)
        sending.keepsAlive =
            head.keepAlive && isRead && !server.isDraining && idleGraceEnd == nil && sending.framing != .close
        sending.connection = !sending.keepsAlive ? "close" : isHTTP11 ? nil : "keep-alive"
    }

    @inline(never)
    private func completed(
        _ request: inout Request,
        _ response: inout Response,
        _ sending: inout Sending,
        since start: Instant,
        _ complete: Bool
    ) {
        completed(request, sending.inner ?? response, since: start, complete)
    }

    static let overloaded = Refusal(.overloaded, "too many requests in flight")

    private nonisolated func request(_ head: RequestHead, body: Body) -> Request {
        Request(method: head.method, path: head.path, query: head.query, headers: head.headers, body: body)
    }

    private var isRead: Bool {
        if case .read = state { true } else { false }
    }

    @inline(never)
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
