import FunctionEventLoop

extension RedisConnection {
    /// Writes the output of all commands of this turn together, when its jobs are done.
    func queueFlush() {
        // Do not wait for the end of a long turn: Redis has a core of its own to start on the first commands.
        guard state.output.pendingCount < Self.earlyFlush, state.waiting.count < Self.earlyCount else { return flush() }
        guard !isFlushQueued else { return }
        isFlushQueued = true
        loop.atEndOfTurn {
            self.assumeIsolated {
                $0.isFlushQueued = false
                $0.flush()
            }
        }
    }

    /// In bytes.
    private static let earlyFlush = 4096
    /// About as much, in commands that wait for others to join them.
    private static let earlyCount = 16

    private func flush() {
        state.sendJoinable()
        state.askReplicas(now: loop.now)
        guard let socket, !socket.isClosed, fullSocket !== socket else { return }
        do throws(SystemError) {
            while state.output.pendingCount > 0 {
                let written = try state.output.withPending { pending throws(SystemError) in try socket.write(pending) }
                guard let written else { return waitForRoom(socket) }
                state.output.consume(written)
            }
        } catch {
            // The server may have said why before it hung up.
            abandon(receive(from: socket) ?? .connectionLost("\(error)"))
        }
    }

    /// The kernel's buffer is full: the server reads slowly or not at all.
    private func waitForRoom(_ socket: Socket) {
        fullSocket = socket
        loop.start { await self.writeWhenReady(socket) }
    }

    private func writeWhenReady(_ socket: Socket) async {
        _ = await socket.writable()
        if fullSocket === socket { fullSocket = nil }
        flush()
    }

    /// Receives what the server has sent. Returns why the connection cannot go on; nil if it can.
    func receive(from socket: Socket) -> RedisError.Reason? {
        do throws(SystemError) {
            while let count = try socket.read(into: loop.scratch) {
                guard count > 0 else { return .connectionLost("closed by the server") }
                state.lastHeard = .sinceBoot
                if let reason = take(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count])) { return reason }
                if isToldAway { tellOfReturn() }
            }
            return nil
        } catch {
            return .connectionLost("\(error)")
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> RedisError.Reason? {
        reader.feed(bytes)
        do throws(RedisProtocolError) {
            while let reply = try reader.next() {
                switch state.received(reply) {
                case .nothing: break
                case .reply(let waiter, let result): waiter.resume(returning: result)
                case .release(let results):
                    for (waiter, result) in results { waiter.resume(returning: result) }
                    queueFlush()
                case .demoted(let waiters, let error):
                    for waiter in waiters { waiter.resume(returning: .failure(RedisError(error))) }
                    return .unavailable(error.isRedirection ? RedisServerError.adviceOnCluster : error.description)
                case .ready: becameReady()
                case .close(let reason): return reason
                }
            }
            return nil
        } catch {
            return .malformedReply(error)
        }
    }

    /// Closes the socket, which makes ``run(_:)`` go on. The first reason counts.
    func abandon(_ reason: RedisError.Reason) {
        guard let socket, !socket.isClosed else { return }
        closeReason = reason
        socket.close()
    }
}
