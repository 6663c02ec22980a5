import EventLoop
import Function

extension Connection {
    /// Writes a response; answers whether all of it was handed to the kernel.
    func write(_ response: Response, _ framing: ResponseEncoder.Framing, connection: StaticString?) async -> Bool {
        server.encoder.removeAll()
        let date = server.date.now()
        server.encoder.head(response, framing, connection: connection, date: date)
        switch response.body.storage {
        case .bytes(let bytes):
            if case .length = framing { server.encoder.body(bytes) }
            return await writeEncoded()
        case .stream(_, let producer):
            guard await writeEncoded() else { return false }
            if case .none = framing { return true }
            return await write(producer, framing)
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
            return true
        } catch {
            // The head is gone out: that the end is missing tells the client.
            return false
        }
    }

    /// One write for what the encoder of this loop holds, and for what does not fit now a copy of its own.
    private func writeEncoded() async -> Bool {
        let rest: [UInt8]
        do throws(SystemError) {
            rest = try server.encoder.withBytes { bytes throws(SystemError) in
                let count = try socket.write(bytes) ?? 0
                return count == bytes.count ? [] : bytes.extracting(count...).withUnsafeBufferPointer { Array($0) }
            }
            if rest.isEmpty { return true }
        } catch {
            return false
        }
        return await write(rest)
    }

    /// Writes all of `bytes`, as fast as the client takes them.
    func write(_ bytes: [UInt8]) async -> Bool {
        var written = 0
        do throws(SystemError) {
            while written < bytes.count {
                if let count = try socket.write(bytes.span.extracting(written...)) {
                    written += count
                } else if await socket.writable(until: loop.now + server.options.writeTimeout) != .ready {
                    return false
                }
            }
            return true
        } catch {
            return false
        }
    }
}

/// Frames what a handler streams.
private actor ResponseBodyWriter: BodyWriter {
    private nonisolated let connection: Connection
    nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }
    private let framing: ResponseEncoder.Framing
    private var written = 0

    /// The stream cannot go on.
    enum Failure: Error {
        /// The client is gone, or took nothing for too long.
        case disconnected
        /// The handler wrote more or less than it had announced.
        case wrongLength
    }

    init(connection: Connection, framing: ResponseEncoder.Framing) {
        self.connection = connection
        self.framing = framing
    }

    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        written += bytes.count
        switch framing {
        case .length(let length):
            guard written <= length else { throw Failure.wrongLength }
            try await send(bytes)
        case .chunked:
            try await send(ResponseEncoder.chunk(bytes))
        case .close, .none:
            try await send(bytes)
        }
    }

    func finish() async throws {
        switch framing {
        case .length(let length):
            guard written == length else { throw Failure.wrongLength }
        case .chunked:
            try await send(ResponseEncoder.lastChunk)
        case .close, .none: break
        }
    }

    private func send(_ bytes: [UInt8]) async throws {
        guard await connection.write(bytes) else { throw Failure.disconnected }
    }
}
