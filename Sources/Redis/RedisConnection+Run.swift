internal import EventLoop
internal import TLS

extension RedisConnection {
    /// Connects, unless that has begun; behind sentinels, once they have told where to.
    func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        start()
    }

    /// The server is another now.
    func move(to endpoint: RedisURL.Endpoint) {
        moves += 1
        fail(state.move(to: endpoint))
        socket?.close()
        connecting?.close()
        if hasBegun { start() }
    }

    /// Where the server is nobody knows yet, for that reason.
    func isAbsent(_ cause: String) {
        state.lastFailure = .unavailable(cause)
    }

    private func start() {
        guard case .server = url.topology else { return }
        let move = moves
        loop.start { await self.run(move) }
    }

    /// Connects, receives, and connects anew, until the connection is closed for good or the server has moved on.
    private func run(_ move: Int) async {
        while isCurrent(move) {
            let reason = await connectAndReceive(move)
            guard isCurrent(move) else { return }
            settings.statistics?.disconnected()
            complain(reason)
            let (failed, delay) = state.disconnected(reason, random: .random(in: 0...UInt64.max))
            fail(failed)
            whenLost()
            if delay > .seconds(0) { await loop.sleep(until: .now + delay) }
        }
    }

    private func isCurrent(_ move: Int) -> Bool {
        state.phase != .closed && move == moves
    }

    /// Answers why the connection ended, or could not be made.
    private func connectAndReceive(_ move: Int) async -> RedisError.Reason {
        let socket: Socket
        do throws(RedisError) {
            socket = try await connect(until: .now + settings.timeout)
        } catch {
            return error.reason
        }
        defer {
            socket.close()
            if self.socket === socket { self.socket = nil }
        }
        guard isCurrent(move) else { return .closed }
        self.socket = socket
        settings.statistics?.connected()
        reader = ReplyReader()
        closeReason = nil
        state.connected(deadline: .now + settings.timeout, sinceBoot: .sinceBoot)
        queueFlush()
        setTimer()
        repeat {
            if let reason = receive(from: socket) { return closeReason ?? reason }
        } while await socket.readable() == .ready
        return closeReason ?? .closed
    }

    private func connect(until deadline: Instant) async throws(RedisError) -> Socket {
        var failure = RedisError(.unavailable("no address"), mayHaveBeenExecuted: false)
        for address in try await addresses() {
            do throws(RedisError) {
                return try await connect(to: address, until: deadline)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func connect(to address: SocketAddress, until deadline: Instant) async throws(RedisError) -> Socket {
        let socket: Socket
        do throws(SystemError) {
            socket = try Socket.beginConnecting(to: address, on: loop)
        } catch {
            throw RedisError(.unavailable("\(error)"), mayHaveBeenExecuted: false)
        }
        connecting = socket
        // When the server has moved, it may be another by now.
        defer { if connecting === socket { connecting = nil } }
        do throws(SystemError) {
            try await socket.finishConnecting(until: deadline)
        } catch {
            throw RedisError(.unavailable("\(error)"), mayHaveBeenExecuted: false)
        }
        guard url.isEncrypted, case .tcp(let host, _) = url.endpoint else { return socket }
        do throws(TLSError) {
            try await socket.startTLS(settings.tls, serverName: host, until: deadline)
        } catch {
            throw RedisError(.unavailable("\(error)"), mayHaveBeenExecuted: false)
        }
        return socket
    }

    private func addresses() async throws(RedisError) -> [SocketAddress] {
        switch url.endpoint {
        case .unix(let path):
            guard let address = SocketAddress(path: path) else {
                throw RedisError(.unavailable("the socket's path is too long"), mayHaveBeenExecuted: false)
            }
            return [address]
        case .tcp(let host, let port):
            do throws(Resolver.Failure) {
                return try await Resolver.resolve(host, port: port)
            } catch {
                throw RedisError(.unavailable("\(error)"), mayHaveBeenExecuted: false)
            }
        }
    }

    /// Tells the operator, once for each reason in a row.
    private func complain(_ reason: RedisError.Reason) {
        guard complaint != reason else { return }
        complaint = reason
        settings.log("\(url): \(reason)")
    }

    /// The server has answered the proof.
    func becameReady() {
        queueFlush()
        if complaint != nil {
            complaint = nil
            settings.log("\(url): connected again")
        }
        guard looksAtSettings else { return }
        looksAtSettings = false
        loop.start { await self.warnOfSettings() }
    }
}
