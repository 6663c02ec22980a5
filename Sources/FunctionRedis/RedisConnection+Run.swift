import FunctionEventLoop
import FunctionTLS

extension RedisConnection {
    /// Connects, unless it has begun already; behind sentinels, once they have named the server.
    func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        start()
    }

    /// The server has changed.
    func move(to endpoint: RedisURL.Endpoint) {
        moves += 1
        fail(state.move(to: endpoint))
        socket?.close()
        stopConnecting()
        if hasBegun { start() }
    }

    /// The sentinels have not named the server yet, for this reason.
    func isAbsent(_ cause: String) {
        state.lastFailure = .unavailable(cause)
    }

    func stopConnecting() {
        connecting?.cancel()
        shakingHands?.close()
    }

    private func start() {
        guard case .server = url.topology else { return }
        let move = moves
        loop.start { await self.run(move) }
    }

    /// Connects, receives and reconnects until the connection is closed for good or the server has moved.
    private func run(_ move: Int) async {
        while isCurrent(move) {
            let end = await connectAndReceive(move)
            let reason = state.cause(of: end)
            guard isCurrent(move) else { return }
            settings.statistics?.losses += 1
            if settings.log.report("\(url): \(reason)", circumstances) { isToldAway = true }
            let random = UInt64.random(in: 0...UInt64.max)
            let (failed, delay) = state.disconnected(reason, random: random, sinceBoot: .sinceBoot)
            fail(failed)
            whenLost()
            if delay > .seconds(0) { await loop.sleep(until: .now + delay) }
        }
    }

    private func isCurrent(_ move: Int) -> Bool {
        state.phase != .closed && move == moves
    }

    /// Connects and receives. Returns why the connection ended or could not be made.
    private func connectAndReceive(_ move: Int) async -> RedisError.Reason {
        let socket: Socket
        do throws(RedisError) {
            socket = try await connect(move)
        } catch {
            return error.reason
        }
        defer {
            socket.close()
            if self.socket === socket { self.socket = nil }
        }
        guard isCurrent(move) else { return .closed }
        self.socket = socket
        settings.statistics?.connections += 1
        reader = ReplyReader()
        closeReason = nil
        stepBegan = .now
        state.connected(deadline: .now + settings.timeout, sinceBoot: .sinceBoot)
        queueFlush()
        setTimer()
        repeat {
            if let reason = receive(from: socket) { return closeReason ?? reason }
        } while await socket.readable() == .ready
        return closeReason ?? .closed
    }

    /// Resolves the name and connects. Each step has its own limit, because a slow step says nothing about the next
    /// one. No request waits longer for that, as each has its own deadline.
    private func connect(_ move: Int) async throws(RedisError) -> Socket {
        stepBegan = .now
        var addresses = try await addresses().inOrderOfTrying(last: lastGood)
        while true {
            guard isCurrent(move) else { throw RedisError(.closed, mayHaveBeenExecuted: false) }
            stepBegan = .now
            let (socket, address) = try await connect(to: addresses)
            stepBegan = .now
            do throws(TLSError) {
                try await encrypt(socket)
                lastGood = address
                return socket
            } catch {
                addresses.removeAll { $0 == address }
                guard addresses.isEmpty else { continue }
                throw RedisError(.unavailable("\(error)"), mayHaveBeenExecuted: false)
            }
        }
    }

    private func connect(to addresses: [SocketAddress]) async throws(RedisError) -> (Socket, SocketAddress) {
        let connector = Connector(addresses, on: loop, limit: settings.timeout)
        connecting = connector
        // After a move, another connector may be at work.
        defer { if connecting === connector { connecting = nil } }
        do throws(Connector.Failure) {
            return try await connector.connect()
        } catch {
            throw RedisError(.unavailable("\(error)"), mayHaveBeenExecuted: false)
        }
    }

    private func encrypt(_ socket: Socket) async throws(TLSError) {
        guard url.isEncrypted, case .tcp(let host, _) = url.endpoint else { return }
        shakingHands = socket
        defer { if shakingHands === socket { shakingHands = nil } }
        try await socket.startTLS(settings.tls, serverName: host, until: .now + settings.timeout)
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
                return try await Resolver.resolve(host, port: port, on: loop)
            } catch {
                throw RedisError(.unavailable("lookup: \(error)"), mayHaveBeenExecuted: false)
            }
        }
    }

    /// For the log, if the connection could not be made: after how long, and in which step unless the reason names it.
    private var circumstances: String {
        switch state.phase {
        case .connecting: ", after \((.now - stepBegan).milliseconds) ms"
        case .probing(isNew: true): ", at the login, after \((.now - stepBegan).milliseconds) ms"
        case .probing(isNew: false), .ready, .closed: ""
        }
    }

    /// Logs that the connection is back, if its loss was logged and it has worked since.
    func tellOfReturn() {
        guard isToldAway, state.isConnected, state.hasWorked(sinceBoot: .sinceBoot) else { return }
        isToldAway = false
        settings.log.tell("\(url): connected again")
    }

    func becameReady() {
        queueFlush()
        if isToldAway {
            loop.start {
                await self.loop.sleep(until: .now + ConnectionState<Waiter>.settlingTime + .milliseconds(10))
                await self.tellOfReturn()
            }
        }
        guard looksAtSettings else { return }
        looksAtSettings = false
        loop.start { await self.warnOfSettings() }
    }

    /// Checks once how the server keeps its data, and logs settings that may lose tokens. Uses INFO, because managed
    /// servers commonly forbid CONFIG; if INFO is forbidden too, nothing is logged.
    func warnOfSettings() async {
        if await info("memory").map({ !$0.contains { $0.elementsEqual("maxmemory_policy:noeviction".utf8) } }) ?? false
        {
            settings.log.tell(
                "\(url): maxmemory-policy is not noeviction; Redis may drop tokens and keys when its memory is full"
            )
        }
        if await info("persistence").map({ $0.contains { $0.elementsEqual("aof_enabled:0".utf8) } }) ?? false {
            settings.log.tell("\(url): appendonly is off; a restart of Redis may forget which tokens are used")
        }
    }

    private func info(_ section: String) async -> [ArraySlice<UInt8>]? {
        let command = RedisCommand("INFO", section)
        return try? await perform(command, by: .now + settings.timeout).infoLines
    }
}

/// The pause before the next try to connect.
enum Backoff {
    /// None after a connection that worked; then 10 ms, doubling up to 500 ms, less a random part of up to half of it.
    static func delay(failures: Int, random: UInt64) -> Interval {
        guard failures > 0 else { return .seconds(0) }
        let maxDelay = min(500_000, 10_000 << min(failures - 1, 10))
        let microseconds = maxDelay - Int(random % UInt64(maxDelay / 2))
        return Interval(nanoseconds: Int64(microseconds) * 1000)
    }
}
