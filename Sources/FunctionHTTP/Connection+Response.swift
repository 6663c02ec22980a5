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

    /// Writes content that a handler streams, `chunked` or unchanged. Cancelling the task ends the wait for room.
    func writeStreamed(_ bytes: [UInt8], chunked: Bool) async -> Bool {
        server.encoder.buffer.removeAll()
        if chunked { server.encoder.chunk(bytes) } else { server.encoder.body(bytes) }
        return await writeEncoded(heedsCancellation: true)
    }

    func writeLastChunk() async -> Bool {
        server.encoder.buffer.removeAll()
        server.encoder.lastChunk()
        return await writeEncoded(heedsCancellation: true)
    }

    /// Writes the contents of the loop's encoder at once; only bytes that the kernel does not take now are copied.
    private func writeEncoded(heedsCancellation: Bool = false) async -> Bool {
        let rest = try? server.encoder.buffer.withSpan { bytes throws(SystemError) in
            let count = try socket.write(bytes) ?? 0
            return count == bytes.count ? [] : Array(bytes.extracting(count...))
        }
        guard let rest else { return false }
        return rest.isEmpty ? true : await write(rest, heedsCancellation: heedsCancellation)
    }

    /// Writes all of `bytes`, as fast as the client takes them.
    private func write(_ bytes: [UInt8], heedsCancellation: Bool = false) async -> Bool {
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
        try await send { await connection.writeStreamed(bytes, chunked: framing == .chunked) }
    }

    func finish() async throws {
        switch framing {
        case .length(let length):
            guard written == length else { throw Failure.wrongLength }
        case .chunked:
            try await send { await connection.writeLastChunk() }
        case .close, .none: break
        }
    }

    private func send(_ write: () async -> Bool) async throws {
        guard !isBroken else { throw Failure.disconnected }
        isBroken = true
        guard await write() else { throw Failure.disconnected }
        isBroken = false
    }
}
