internal import EventLoop

extension RedisConnection {
    /// Connects, receives, and connects anew, until the connection is closed for good.
    func run() async {
        while state.phase != .closed {
            let reason = await connectAndReceive()
            guard state.phase != .closed else { return }
            complain(reason)
            let (failed, delay) = state.disconnected(reason, random: .random(in: 0...UInt64.max))
            fail(failed)
            whenLost()
            if delay > .seconds(0) { await loop.sleep(until: .now + delay) }
        }
    }

    /// Answers why the connection ended, or could not be made.
    private func connectAndReceive() async -> RedisError.Reason {
        let socket: Socket
        do throws(RedisError) {
            socket = try await connect(until: .now + timeout)
        } catch {
            return error.reason
        }
        defer {
            socket.close()
            self.socket = nil
        }
        guard state.phase != .closed else { return .closed }
        self.socket = socket
        reader = ReplyReader()
        closeReason = nil
        state.connected(deadline: .now + timeout, sinceBoot: .sinceBoot)
        queueFlush()
        setTimer()
        repeat {
            if let reason = receive(from: socket) { return closeReason ?? reason }
        } while await socket.readable() == .ready
        return closeReason ?? .closed
    }

    private func connect(until deadline: Instant) async throws(RedisError) -> Socket {
        var failure = "no address"
        for address in try await addresses() {
            do throws(SystemError) {
                return try await Socket.connect(to: address, on: loop, until: deadline)
            } catch {
                failure = "\(error)"
            }
        }
        throw RedisError(.unavailable(failure), mayHaveBeenExecuted: false)
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
        log("\(url): \(reason)")
    }

    /// The server has answered the proof.
    func becameReady() {
        queueFlush()
        if complaint != nil {
            complaint = nil
            log("\(url): connected again")
        }
        guard looksAtSettings else { return }
        looksAtSettings = false
        loop.start { await self.warnOfSettings() }
    }
}
