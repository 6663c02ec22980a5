public import FunctionEventLoop

/// An HTTP/1.1 server on one loop (RFC 9110, RFC 9112). To use more cores, run one server per loop, all on the same
/// port.
///
/// Use it only on its loop's thread.
public final class Server: @unchecked Sendable {
    // Unchecked: only the loop's thread touches its members, from the connections' actors and the listener.

    public let loop: EventLoop
    let options: ServerOptions
    let service: Service
    var encoder = ResponseEncoder()
    var date = HTTPDate()

    private(set) var listener: Listener?
    /// Called repeatedly while no connection can be accepted because descriptors or memory have run out.
    public var whenShort: ((SystemError) -> Void)?
    /// Indexed by their places in `crowd`.
    var connections: [Connection?] = []
    var crowd: Crowd
    /// How many requests were refused and connections closed to make room.
    public internal(set) var evictions = Evictions()
    private(set) var isDraining = false
    /// Whether connections wait for a request no longer than the idle grace period.
    var isInIdleGrace: Bool { isDraining && listener == nil }
    /// Fulfilled when no connection is left and none can come, or the grace periods are over.
    private let isEmpty = Promise<Void>()

    public init(on loop: EventLoop, options: ServerOptions = ServerOptions(), service: Service) {
        self.loop = loop
        self.options = options
        self.service = service
        crowd = Crowd(options.crowdLimits)
    }

    /// Listens on `address`; returns the actual address, with the port that was chosen for port 0.
    public func listen(on address: SocketAddress, sharesPort: Bool = false) throws(SystemError) -> SocketAddress {
        let listener = try Listener(address, sharesPort: sharesPort, on: loop) { [unowned self] in open($0) }
        listener.whenWaitedFor = { [unowned self] in makeRoom(hasCome: false) }
        listener.whenShort = { [unowned self] error in
            makeRoomForDescriptors()
            whenShort?(error)
        }
        self.listener = listener
        return listener.address
    }

    /// Open connections.
    public var connectionCount: Int { crowd.connections }

    /// Requests that wait for their bodies.
    public var waitingBodyCount: Int { crowd.bodies }

    /// Bytes of bodies that handlers hold.
    public var bodyBytes: Int { crowd.bytes }

    /// Drains the server and returns when it is done. From now on every response closes its connection.
    ///
    /// Connections are accepted for `accepting` longer, then only those whose handshake is in progress. After that,
    /// idle connections close after ``ServerOptions/idleGrace``. Requests still in flight `grace` from now are
    /// cancelled, and their connections closed ``ServerOptions/cancelGrace`` later.
    public func drain(accepting: Interval, grace: Interval) async {
        isDraining = true
        let end = loop.now + grace
        if accepting.nanoseconds > 0 { await loop.sleep(until: loop.now + accepting) }
        if let listener {
            listener.ignoreNewConnections()
            await loop.sleep(until: loop.now + options.acceptGrace)
            listener.close()
        }
        listener = nil
        each { $0.endIdling() }
        let cancelling = Timer(on: loop) { [unowned self] in each { $0.task?.cancel() } }
        cancelling.deadline = end
        let aborting = Timer(on: loop) { [unowned self] in
            each { $0.socket.close() }
            // A handler that ignores its cancellation is not waited for.
            isEmpty.fulfil()
        }
        aborting.deadline = end + options.cancelGrace
        if crowd.connections > 0 { await isEmpty.wait() }
        cancelling.cancel()
        aborting.cancel()
    }

    private func each(_ action: (isolated Connection) -> Void) {
        for connection in connections.compactMap(\.self) { connection.assumeIsolated(action) }
    }

    private func open(_ socket: Socket) {
        let place = crowd.enter()
        let connection = Connection(socket, of: self, at: place)
        if place < connections.count { connections[place] = connection } else { connections.append(connection) }
        if crowd.isFull { listener?.pause() }
        connection.assumeIsolated { $0.start() }
        makeRoom(hasCome: true)
    }

    func closed(_ connection: Connection) {
        connections[connection.place] = nil
        crowd.leave(connection.place)
        if !crowd.isFull { listener?.resume() }
        // While connections are still accepted, more may come.
        if isInIdleGrace, crowd.connections == 0 { isEmpty.fulfil() }
    }
}

/// Limits and timeouts of a server.
public struct ServerOptions: Sendable {
    /// Maximum length of a request's body, in bytes.
    public var bodyLimit = 1 << 20
    /// Maximum number of open connections. From seven eighths of it on, connections that wait for their clients make
    /// room for new ones; if all are busy, new ones wait in the kernel's queue.
    public var connectionLimit = 16_384
    /// Maximum number of requests in handlers; further ones are refused. Requests that wait for their bodies do not
    /// count, nor do responses that are being streamed.
    public var requestLimit = 1024
    /// Maximum number of requests that wait for their bodies; at one more, the one that has waited longest is refused
    /// with 408.
    public var waitingBodyLimit = 1024
    /// Maximum number of bytes of bodies that handlers hold; above it, the request that has waited longest is refused
    /// with 408.
    public var bodyBudget = 64 << 20
    /// From a request's first byte to the end of its head.
    public var headTimeout = Interval.seconds(10)
    /// From a request's head to the end of its body.
    public var bodyTimeout = Interval.seconds(30)
    /// Between two requests of a connection. Longer than the proxies in front keep theirs, of which Google's has the
    /// longest time, 600 s: a request on a connection that is being closed is lost, and the proxy's client gets 502.
    public var idleTimeout = Interval.seconds(620)
    /// The longest time in which the client takes no byte of the response.
    public var writeTimeout = Interval.seconds(30)
    /// From the last new handshake to the end of accepting, for handshakes in progress. A client that connects in this
    /// time is refused a second later, so it only lasts a few round trips within a data centre.
    public var acceptGrace = Interval.milliseconds(5)
    /// From the end of accepting to the closing of idle connections, for requests in transit.
    public var idleGrace = Interval.milliseconds(100)
    /// From the cancellation of the remaining requests to the closing of their connections, for a stream to say that it
    /// ends.
    public var cancelGrace = Interval.milliseconds(500)

    public init() {}

    var crowdLimits: Crowd.Limits {
        Crowd.Limits(
            connections: connectionLimit,
            requests: requestLimit,
            bodies: waitingBodyLimit,
            // Otherwise the largest body would never fit.
            bytes: max(bodyBudget, bodyLimit)
        )
    }
}
