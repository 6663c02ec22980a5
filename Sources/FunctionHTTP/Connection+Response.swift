import FunctionBytes
import FunctionCore
import FunctionEventLoop

extension Connection {
    /// Writes a response; returns whether all of it was handed to the kernel.
    func write(_ response: Response, _ framing: ResponseEncoder.Framing, connection: StaticString?) async -> Bool {
        server.encoder.buffer.removeAll()
        let date = server.date.now()
        server.encoder.head(response, framing, connection: connection, date: date)
        switch response.body.storage {
        case .bytes(let bytes):
            if case .length = framing { server.encoder.body(bytes) }
            return await writeEncoded()
        case .stream(_, let producer):
            // Here the connection's end tells the client that the response is complete. A failure, a deadline or the
            // end of this process must therefore reset the connection.
            if case .close = framing { socket.isResetByClosing = true }
            let complete = await writeEncoded()
            if case .none = framing {} else if complete { return await write(producer, framing) }
            await response.body.discard()
            return complete
        }
    }

    /// Tells the client that it may send the body (RFC 9110, section 10.1.1).
    func writeContinue() async {
        _ = await write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }

    private func write(_ producer: Body.Producer, _ framing: ResponseEncoder.Framing) async -> Bool {
        let writer = ResponseBodyWriter(connection: self, framing: framing)
        do {
            try await producer(writer)
            try await writer.finish()
            socket.isResetByClosing = false
            return true
        } catch {
            // The head was sent. The missing last chunk, or the reset, tells the client that the body is incomplete
            // (RFC 9112, section 8).
            return false
        }
    }

    /// Gives the kernel content that a handler streams, `chunked` or unchanged. Returns what it does not take now; nil if
    /// the connection is lost.
    func writeNow(_ bytes: [UInt8], chunked: Bool) -> [UInt8]? {
        server.encoder.buffer.removeAll()
        if chunked { server.encoder.chunk(bytes) } else { server.encoder.body(bytes) }
        return writeEncodedNow()
    }

    /// As ``writeNow(_:chunked:)``.
    func writeLastChunkNow() -> [UInt8]? {
        server.encoder.buffer.removeAll()
        server.encoder.lastChunk()
        return writeEncodedNow()
    }

    private func writeEncoded() async -> Bool {
        guard let rest = writeEncodedNow() else { return false }
        return rest.isEmpty ? true : await write(rest)
    }

    /// Gives the kernel the contents of the loop's encoder; only bytes that it does not take now are copied.
    private func writeEncodedNow() -> [UInt8]? {
        try? server.encoder.buffer.withSpan { bytes throws(SystemError) in
            let count = try socket.write(bytes) ?? 0
            return count == bytes.count ? [] : Array(bytes.extracting(count...))
        }
    }

    /// Writes all of `bytes`, as fast as the client takes them. With `heedsCancellation`, cancelling the task ends the
    /// wait for room.
    func write(_ bytes: [UInt8], heedsCancellation: Bool = false) async -> Bool {
        var written = 0
        do throws(SystemError) {
            while written < bytes.count {
                if let count = try socket.write(bytes.span.extracting(written...)) {
                    written += count
                    continue
                }
                // An evicted client had its chance to take the refusal.
                guard eviction == nil else { return false }
                if !heedsCancellation, server.crowd.phase(of: place) != .body { server.waits(self, as: .response) }
                guard eviction == nil else { return false }
                let deadline = loop.now + server.options.writeTimeout
                let wake = heedsCancellation ? await room(until: deadline) : await socket.writable(until: deadline)
                guard wake == .ready else { return false }
            }
            if server.crowd.phase(of: place) == .response { server.goesOn(self) }
            return true
        } catch {
            return false
        }
    }

    /// Waits until the client takes more, or the task is cancelled.
    private func room(until deadline: Instant) async -> Socket.Wake {
        await withTaskCancellationHandler {
            Task.isCancelled ? .interrupted : await socket.writable(until: deadline)
        } onCancel: { [socket, loop] in
            // Cancellation may come from any thread.
            loop.perform { socket.interruptOutput() }
        }
    }
}

/// Frames the body that a handler streams.
private actor ResponseBodyWriter: BodyWriter {
    private nonisolated let connection: Connection
    nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }
    private let framing: ResponseEncoder.Framing
    private var written = 0
    /// Set during a write, and for good if it fails: it may have sent a part of its bytes, so nothing can follow.
    private var isBroken = false

    enum Failure: Error {
        /// The client is gone, or took nothing for too long.
        case disconnected
        /// The handler wrote more or less than it announced.
        case wrongLength
    }

    init(connection: Connection, framing: ResponseEncoder.Framing) {
        self.connection = connection
        self.framing = framing
    }

    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        written += bytes.count
        if case .length(let length) = framing, written > length { throw Failure.wrongLength }
        let rest = try send { $0.writeNow(bytes, chunked: framing == .chunked) }
        if !rest.isEmpty { try await send(rest) }
    }

    func finish() async throws {
        switch framing {
        case .length(let length):
            guard written == length else { throw Failure.wrongLength }
        case .chunked:
            let rest = try send { $0.writeLastChunkNow() }
            if !rest.isEmpty { try await send(rest) }
        case .close, .none: break
        }
    }

    /// Returns what the kernel does not take at once. The connection is on the same executor, and a call that may wait
    /// would cost more than the write.
    private func send(_ write: @Sendable (isolated Connection) -> [UInt8]?) throws -> [UInt8] {
        guard !isBroken else { throw Failure.disconnected }
        isBroken = true
        guard let rest = connection.assumeIsolated(write) else { throw Failure.disconnected }
        isBroken = false
        return rest
    }

    private func send(_ rest: [UInt8]) async throws {
        isBroken = true
        guard await connection.write(rest, heedsCancellation: true) else { throw Failure.disconnected }
        isBroken = false
    }
}
