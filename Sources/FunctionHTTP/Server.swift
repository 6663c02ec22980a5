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
        listener.whenShort = { [unowned self] in makeRoomForDescriptors() }
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
