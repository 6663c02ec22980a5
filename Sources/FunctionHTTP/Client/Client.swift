import FunctionBytes
public import FunctionCore
public import FunctionEventLoop
public import FunctionTLS

/// An HTTP/1.1 client on one loop (RFC 9110, RFC 9112). It follows no redirects, never retries, and uses no proxy.
///
/// Connections are reused. A request can cross with the server's closing of the connection, so idle connections are
/// kept only for a short time and checked before use; a request that is lost all the same fails.
public actor Client {
    public nonisolated let loop: EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var encoder = RequestEncoder()
    private let tls: TLSContext
    private var idle: IdleConnections<Socket>
    private var sweep: Timer?
    /// The address of each origin that worked last; it is tried first.
    private var lastGood: [Origin: SocketAddress] = [:]

    /// How many bytes a server can send ahead of the reader: enough for tens of megabytes a second within a data
    /// centre.
    private static let receiveBuffer = 64 * 1024

    public init(on loop: EventLoop, options: ClientOptions = ClientOptions()) {
        self.loop = loop
        tls = options.tls
        idle = IdleConnections(limit: options.idleLimit, timeout: options.idleTimeout)
    }

    deinit {
        let sockets = idle.all
        guard !sockets.isEmpty else { return }
        loop.perform { for socket in sockets { socket.close() } }
    }

    /// Sends `request` and returns its response as soon as the head has arrived.
    ///
    /// Throws ``ClientError/timedOut`` at `deadline`, and ``ClientError/cancelled`` when the caller's task is
    /// cancelled. An error leaves no connection open.
    public func send(
        _ request: ClientRequest,
        to origin: Origin,
        until deadline: Instant
    ) async throws(ClientError) -> ClientResponse {
        let socket = try await connection(to: origin, until: deadline)
        let upload = write(request, to: origin, over: socket)
        let exchange = ClientExchange(request, to: origin, over: socket, upload: upload, of: self)
        return ClientResponse(try await exchange.readHead(until: deadline), exchange)
    }

    /// Sends the head of `request`, with its body as the first piece of the content. The caller then writes the other
    /// pieces, and may end with `trailers`. Connecting ends at `deadline`.
    public func open(
        _ request: ClientRequest,
        announcing trailers: [Headers.Name] = [],
        to origin: Origin,
        until deadline: Instant
    ) async throws(ClientError) -> ClientUpload {
        let socket = try await connection(to: origin, until: deadline)
        encoder.encodeHead(request, to: origin, announcing: trailers)
        let upload = Upload([writeEncoded(over: socket)[...]], to: socket)
        let exchange = ClientExchange(request, to: origin, over: socket, upload: upload, of: self)
        return ClientUpload(upload, of: exchange, over: socket)
    }

    /// Closes the idle connections.
    public func closeIdle() {
        for socket in idle.all { socket.close() }
        idle.removeAll()
    }

    /// The number of idle connections.
    public var idleCount: Int { idle.all.count }

    /// Writes what the kernel takes at once; returns the upload that writes the rest, or nil if there is none.
    private func write(_ request: ClientRequest, to origin: Origin, over socket: Socket) -> Upload? {
        encoder.encode(request, to: origin)
        let later = request.body.dropFirst(RequestEncoder.smallBody)
        let rest = writeEncoded(over: socket)
        guard !rest.isEmpty || !later.isEmpty else { return nil }
        let upload = Upload([rest[...], later], to: socket)
        upload.isWhole = true
        loop.start { await upload.run() }
        return upload
    }

    /// Writes the encoded bytes; returns those that the kernel did not take.
    private func writeEncoded(over socket: Socket) -> [UInt8] {
        encoder.buffer.withSpan { bytes in
            // Ignored: reading will find the connection broken, and the server may have said why.
            let count = (try? socket.write(bytes)) ?? 0
            return Array(bytes.extracting(count...))
        }
    }

    /// An idle connection, or a new one.
    private func connection(to origin: Origin, until deadline: Instant) async throws(ClientError) -> Socket {
        guard !Task.isCancelled else { throw .cancelled }
        while let socket = idle.take(origin, now: .sinceBoot) {
            if socket.isQuiet { return socket }
            socket.close()
        }
        return try await connectInTaskOfItsOwn(to: origin, until: deadline).get()
    }

    /// A task keeps the memory of its deepest call until it ends. The caller's may wait long for the response, and must
    /// not keep that of connecting. (An `async let` would take more of it than connecting does.)
    @inline(never)
    private func connectInTaskOfItsOwn(
        to origin: Origin,
        until deadline: Instant
    ) async -> Result<Socket, ClientError> {
        await withTaskGroup(of: Result<Socket, ClientError>.self) { group in
            group.addTask { await self.attempt(to: origin, until: deadline) }
            return await group.next() ?? .failure(.cancelled)
        }
    }

    private func attempt(to origin: Origin, until deadline: Instant) async -> Result<Socket, ClientError> {
        do throws(ClientError) {
            return .success(try await connect(to: origin, until: deadline))
        } catch {
            return .failure(error)
        }
    }

    /// Keeps a connection for reuse after its response has ended.
    func keep(_ socket: Socket, to origin: Origin) {
        idle.add(socket, to: origin, now: .sinceBoot)?.close()
        setSweep()
    }

    private func setSweep() {
        guard let expiry = idle.nextExpiry else { return }
        let timer = sweep ?? Timer(on: loop) { [weak self] in self?.assumeIsolated { $0.closeExpired() } }
        sweep = timer
        // Idle time passes while the process is frozen, but timers stop.
        timer.deadline = .now + (expiry - .sinceBoot)
    }

    private func closeExpired() {
        for socket in idle.takeExpired(now: .sinceBoot) { socket.close() }
        setSweep()
    }

    private func connect(to origin: Origin, until deadline: Instant) async throws(ClientError) -> Socket {
        var addresses = try await addresses(of: origin, until: deadline).inOrderOfTrying(last: lastGood[origin])
        while true {
            let (socket, address) = try await connect(to: addresses, until: deadline)
            // A server that does not finish the handshake must leave time for the others.
            let share = Instant.now + (deadline - .now) / Int64(addresses.count)
            let failure = origin.isSecure ? await failureOfHandshake(over: socket, with: origin, until: share) : nil
            guard let reason = failure else {
                lastGood[origin] = address
                return socket
            }
            if Task.isCancelled { throw .cancelled }
            addresses.removeAll { $0 == address }
            guard addresses.isEmpty else { continue }
            throw Instant.now >= deadline ? .timedOut : .connectFailed("TLS with \(address): \(reason)")
        }
    }

    private func connect(
        to addresses: [SocketAddress],
        until deadline: Instant
    ) async throws(ClientError) -> (Socket, SocketAddress) {
        let connector = Connector(
            addresses,
            on: loop,
            receiveBuffer: Self.receiveBuffer,
            limit: .seconds(60),
            until: deadline
        )
        let outcome = await withTaskCancellationHandler {
            await result(of: connector)
        } onCancel: { [loop] in
            // Cancellation may come from any thread.
            loop.perform { connector.cancel() }
        }
        switch outcome {
        case .success(let connected): return connected
        case .failure where Task.isCancelled: throw .cancelled
        case .failure where Instant.now >= deadline: throw .timedOut
        case .failure(let failure): throw .connectFailed("\(failure)")
        }
    }

    /// Isolated on purpose: the operation of `withTaskCancellationHandler` is nonisolated; this call hops to the loop.
    private func result(of connector: Connector) async -> Result<(Socket, SocketAddress), Connector.Failure> {
        do throws(Connector.Failure) {
            return .success(try await connector.connect())
        } catch {
            return .failure(error)
        }
    }

    /// Performs the TLS handshake; returns nil on success. On failure returns the reason, and the socket is closed.
    /// Cancelling the task ends the wait.
    private func failureOfHandshake(
        over socket: Socket,
        with origin: Origin,
        until deadline: Instant
    ) async -> String? {
        await withTaskCancellationHandler {
            await handshake(over: socket, with: origin, until: deadline)
        } onCancel: { [loop] in
            // Cancellation may come from any thread.
            loop.perform { socket.close() }
        }
    }

    /// Isolated on purpose, like `result(of:)`.
    private func handshake(over socket: Socket, with origin: Origin, until deadline: Instant) async -> String? {
        do throws(TLSError) {
            try await socket.startTLS(tls, serverName: origin.host, until: deadline)
            return nil
        } catch {
            return error.description
        }
    }

    private func addresses(of origin: Origin, until deadline: Instant) async throws(ClientError) -> [SocketAddress] {
        if let path = origin.socketPath {
            guard let address = SocketAddress(path: path) else { throw .connectFailed("\(path): not a socket path") }
            return [address]
        }
        do throws(Resolver.Failure) {
            return try await Resolver.resolve(origin.host, port: origin.port, on: loop, until: deadline)
        } catch {
            if Task.isCancelled { throw .cancelled }
            if Instant.now >= deadline { throw .timedOut }
            throw .connectFailed("lookup: \(error)")
        }
    }
}

/// How many idle connections a client keeps, for how long, and which certificates it trusts.
public struct ClientOptions: Sendable {
    /// Maximum number of idle connections for each origin.
    public var idleLimit = 64
    /// How long a connection is kept idle. Common servers close theirs after five seconds, and a request that crosses
    /// with that is lost.
    public var idleTimeout = Interval.seconds(4)
    /// For `https`.
    public var tls = TLSContext.system

    public init() {}
}
