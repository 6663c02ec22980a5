public import FunctionEventLoop

/// An HTTP/1.1 server on one loop (RFC 9110, RFC 9112). To use more cores, one a loop, all on the same port.
///
/// Lives on its loop's thread.
public final class Server: @unchecked Sendable {
    // Unchecked: everything here is touched on the loop's thread alone, from the connections' actors and the listener.

    public let loop: EventLoop
    let options: ServerOptions
    let service: Service
    var encoder = ResponseEncoder()
    var date = HTTPDate()

    private(set) var listener: Listener?
    /// Called, again and again, while no connection can be accepted as descriptors or memory have run out.
    public var whenShort: ((SystemError) -> Void)?
    /// By their places in `crowd`.
    var connections: [Connection?] = []
    var crowd: Crowd
    /// What was refused and ended so that there is room.
    public internal(set) var evictions = Evictions()
    private(set) var isDraining = false
    /// Whether connections may wait no longer for a request than the grace lasts.
    var isInIdleGrace: Bool { isDraining && listener == nil }
    /// No connection is left and none can come, or what is left has had its time.
    private let isEmpty = Promise<Void>()

    public init(on loop: EventLoop, options: ServerOptions = ServerOptions(), service: Service) {
        self.loop = loop
        self.options = options
        self.service = service
        crowd = Crowd(options.crowdLimits)
    }

    /// Listens on `address`; answers where, which tells the port that was chosen for port 0.
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

    /// Connections open now.
    public var connectionCount: Int { crowd.connections }

    /// Requests whose bodies are waited for now.
    public var waitingBodyCount: Int { crowd.bodies }

    /// Bytes of bodies that handlers hold now.
    public var bodyBytes: Int { crowd.bytes }

    /// Ends in good order: from now on every answer closes its connection; connections are accepted for `accepting`
    /// more, then those whose handshake is under way; idle ones end after ``ServerOptions/idleGrace``; what is left after
    /// `grace` from now is cancelled, and after ``ServerOptions/cancelGrace`` more cut off.
    public func drain(accepting: Interval, grace: Interval) async {
        isDraining = true
        let end = loop.now + grace
        if accepting.nanoseconds > 0 { await loop.sleep(until: loop.now + accepting) }
        if let listener {
            listener.stopHandshakes()
            await loop.sleep(until: loop.now + options.acceptGrace)
            listener.close()
        }
        listener = nil
        each { $0.endIdling() }
        let cancelling = Timer(on: loop) { [unowned self] in each { $0.task?.cancel() } }
        cancelling.deadline = end
        let aborting = Timer(on: loop) { [unowned self] in
            each { $0.socket.close() }
            // A handler that does not end has had its time.
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
        // While others are still accepted, that none is left now means nothing.
        if isInIdleGrace, crowd.connections == 0 { isEmpty.fulfil() }
    }
}

/// What a server bears with.
public struct ServerOptions: Sendable {
    /// The longest body it takes, in bytes.
    public var bodyLimit = 1 << 20
    /// Connections open at once. From seven eighths of it on, those that wait for their clients make room for new ones;
    /// where all are busy, further ones wait in the kernel's queue.
    public var connectionLimit = 16_384
    /// Requests whose handlers run at once; further ones are refused. Neither a handler that waits for its request's body
    /// counts, nor a body that is being streamed.
    public var requestLimit = 1024
    /// Requests that wait for their bodies at once; at one more, the one that has waited longest is refused with 408.
    public var waitingBodyLimit = 1024
    /// Bytes of bodies that handlers hold at once; over it, the one that has waited longest is refused with 408.
    public var bodyBudget = 64 << 20
    /// From a request's first byte to the end of its head.
    public var headTimeout = Interval.seconds(10)
    /// From a request's head to the end of its body.
    public var bodyTimeout = Interval.seconds(30)
    /// Between two requests of a connection. Longer than proxies keep one, of which those of Google have the longest time:
    /// 600 s. What a proxy uses again as it is closed is lost, and its client told 502.
    public var idleTimeout = Interval.seconds(620)
    /// Without the client taking a byte of the response.
    public var writeTimeout = Interval.seconds(30)
    /// From the last handshake that is begun to the end of accepting: for those that are under way. Who connects
    /// meanwhile is refused a second later, so it is no longer than a few round trips within a data centre.
    public var acceptGrace = Interval.milliseconds(5)
    /// From the end of accepting to the end of idle connections: for requests that are on their way.
    public var idleGrace = Interval.milliseconds(100)

    /// From the cancelling of what is left when draining ends to its being cut off: for a stream to say that it ends.
    public var cancelGrace = Interval.milliseconds(500)

    public init() {}

    var crowdLimits: Crowd.Limits {
        Crowd.Limits(
            connections: connectionLimit,
            requests: requestLimit,
            bodies: waitingBodyLimit,
            // Else the largest body could never be taken.
            bytes: max(bodyBudget, bodyLimit)
        )
    }
}
