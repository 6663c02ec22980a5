import FunctionEventLoop

extension RedisConnection {
    /// Has the output written when this turn's jobs are done, that of all commands together.
    func queueFlush() {
        // A long turn's commands do not wait for its end: Redis has a core of its own to work on the first of them.
        if state.output.pendingCount >= Self.earlyFlush { return flush() }
        guard !isFlushQueued else { return }
        isFlushQueued = true
        loop.atEndOfTurn {
            self.assumeIsolated {
                $0.isFlushQueued = false
                $0.flush()
            }
        }
    }

    /// Some ten mints.
    private static let earlyFlush = 4096

    private func flush() {
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

    /// The kernel's buffer is full: the server reads slowly, or not at all.
    private func waitForRoom(_ socket: Socket) {
        fullSocket = socket
        loop.start { await self.writeWhenReady(socket) }
    }

    private func writeWhenReady(_ socket: Socket) async {
        _ = await socket.writable()
        if fullSocket === socket { fullSocket = nil }
        flush()
    }

    /// Receives what the server has sent. Answers why the connection cannot go on, if so.
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
                case .answer(let waiter, let result): waiter.resume(returning: result)
                case .release(let answers):
                    for (waiter, result) in answers { waiter.resume(returning: result) }
                    queueFlush()
                case .demoted(let waiter, let error):
                    waiter.resume(returning: .failure(RedisError(error)))
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

    /// Closes the socket; ``run()`` goes on from there. The first reason counts.
    func abandon(_ reason: RedisError.Reason) {
        guard let socket, !socket.isClosed else { return }
        closeReason = reason
        socket.close()
    }
}
