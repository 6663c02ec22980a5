public import EventLoop
public import Function
import TLS

/// An HTTP/1.1 client on one loop (RFC 9110, RFC 9112). It follows no redirects, repeats nothing, and asks no proxy.
///
/// A connection is used for one request after another. As a request can cross with its server's closing the connection,
/// those are kept for a short while only, and looked at before they are used; a request that is lost all the same fails.
public actor Client {
    public nonisolated let loop: EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var encoder = RequestEncoder()
    private let tls: TLSContext
    private var idle: IdleConnections<Socket>
    private var sweep: Timer?
    /// Names being looked up: each once, however many wait for it.
    private var lookups: [Origin: Lookup] = [:]

    /// What a server can send ahead of its reader: enough for tens of megabytes a second within a data centre.
    private static let receiveBuffer = 64 * 1024

    private typealias Lookup = Pending<Result<[SocketAddress], Resolver.Failure>>

    public init(on loop: EventLoop, options: ClientOptions = ClientOptions()) {
        self.loop = loop
        tls = options.tls
        idle = IdleConnections(limit: options.idleLimit, timeout: options.idleTimeout)
    }

    deinit {
        let sockets = idle.all
        guard !sockets.isEmpty else { return }
        if loop.isCurrent {
            for socket in sockets { socket.close() }
        } else {
            loop.start { for socket in sockets { socket.close() } }
        }
    }

    /// Sends `request` and answers its response as soon as the head is there, by `deadline` at the latest.
    ///
    /// When the caller's task is cancelled it gives up and throws ``ClientError/cancelled``. What it throws leaves no
    /// connection open.
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

    /// Sends the head of `request`, and the body that it has as a first piece: the content's further ones are then
    /// written one by one, and `trailers` may follow it. No connection can be made after `deadline`.
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

    /// Closes the connections that are idle.
    public func closeIdle() {
        for socket in idle.all { socket.close() }
        idle.removeAll()
    }

    /// How many connections are idle.
    public var idleCount: Int { idle.all.count }

    /// Writes what the kernel takes at once; answers who writes the rest.
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

    /// Answers what of it the kernel did not take.
    private func writeEncoded(over socket: Socket) -> [UInt8] {
        encoder.withBytes { bytes in
            // A connection that is broken is found out by reading: the server may have said why.
            let count = (try? socket.write(bytes)) ?? 0
            return bytes.extracting(count...).withUnsafeBufferPointer { Array($0) }
        }
    }

    /// One that is idle, or a new one.
    private func connection(to origin: Origin, until deadline: Instant) async throws(ClientError) -> Socket {
        guard !Task.isCancelled else { throw .cancelled }
        if let idle = takeIdle(origin) { return idle }
        return try await connect(to: origin, until: deadline)
    }

    private func takeIdle(_ origin: Origin) -> Socket? {
        while let socket = idle.take(origin, now: .sinceBoot) {
            if socket.isQuiet { return socket }
            socket.close()
        }
        return nil
    }

    /// Keeps a connection on which a response has ended.
    func keep(_ socket: Socket, to origin: Origin) {
        idle.add(socket, to: origin, now: .sinceBoot)?.close()
        setSweep()
    }

    private func setSweep() {
        guard let expiry = idle.nextExpiry else { return }
        let timer = sweep ?? Timer(on: loop) { [weak self] in self?.assumeIsolated { $0.closeExpired() } }
        sweep = timer
        // Idle times go on while the process is frozen, timers do not.
        timer.deadline = .now + (expiry - .sinceBoot)
    }

    private func closeExpired() {
        for socket in idle.takeExpired(now: .sinceBoot) { socket.close() }
        setSweep()
    }

    private func connect(to origin: Origin, until deadline: Instant) async throws(ClientError) -> Socket {
        let addresses = try await addresses(of: origin, until: deadline)
        var failure = "\(origin.host): no address"
        for (index, address) in addresses.enumerated() {
            guard !Task.isCancelled else { throw .cancelled }
            // An address that does not answer leaves time for the others.
            let now = Instant.now
            let share = now + (deadline - now) / Int64(addresses.count - index)
            do throws(SystemError) {
                let socket = try Socket.beginConnecting(to: address, on: loop, receiveBuffer: Self.receiveBuffer)
                guard let reason = await failureToConnect(socket, to: origin, until: share) else { return socket }
                failure = "\(address): \(reason)"
            } catch {
                failure = "\(address): \(error)"
            }
        }
        if Task.isCancelled { throw .cancelled }
        if Instant.now >= deadline { throw .timedOut }
        throw .connectFailed(failure)
    }

    /// Waits for the connection, and shakes hands where it is secure; answers why that failed, if so: then the socket is
    /// closed. The task's cancellation ends the wait.
    private func failureToConnect(_ socket: Socket, to origin: Origin, until deadline: Instant) async -> String? {
        await withTaskCancellationHandler {
            await connecting(socket, to: origin, until: deadline)
        } onCancel: { [loop] in
            // Whoever cancels may be on any thread.
            if loop.isCurrent { socket.close() } else { loop.start { socket.close() } }
        }
    }

    /// A function of its own, as the handler's operation may run on another thread until it calls one.
    private func connecting(_ socket: Socket, to origin: Origin, until deadline: Instant) async -> String? {
        do throws(SystemError) {
            try await socket.finishConnecting(until: deadline)
        } catch {
            return error.description
        }
        guard origin.isSecure else { return nil }
        do throws(TLSError) {
            try await socket.startTLS(tls, serverName: origin.host, until: deadline)
        } catch {
            return error.description
        }
        return nil
    }

    private func addresses(of origin: Origin, until deadline: Instant) async throws(ClientError) -> [SocketAddress] {
        if let path = origin.socketPath {
            guard let address = SocketAddress(path: path) else { throw .connectFailed("\(path): no socket's path") }
            return [address]
        }
        if let address = SocketAddress(ip: origin.host, port: origin.port) { return [address] }
        switch await lookup(origin).wait(until: deadline) {
        case .value(.success(let addresses)): return addresses
        case .value(.failure(let failure)): throw .connectFailed("\(failure)")
        case .timedOut: throw .timedOut
        case .cancelled: throw .cancelled
        }
    }

    private func lookup(_ origin: Origin) -> Lookup {
        if let lookup = lookups[origin] { return lookup }
        let lookup = Lookup(on: loop)
        lookups[origin] = lookup
        loop.start { await self.lookUp(origin, for: lookup) }
        return lookup
    }

    private func lookUp(_ origin: Origin, for lookup: Lookup) async {
        let result: Result<[SocketAddress], Resolver.Failure>
        do throws(Resolver.Failure) {
            result = .success(try await Resolver.resolve(origin.host, port: origin.port))
        } catch {
            result = .failure(error)
        }
        lookups[origin] = nil
        await lookup.fulfil(result)
    }
}
