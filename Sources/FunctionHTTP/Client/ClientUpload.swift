public import FunctionCore
public import FunctionEventLoop

/// A request whose content is written piece by piece, chunked (RFC 9112, section 7.1), no faster than the server takes
/// it.
///
/// If it is not finished, ``cancel()`` closes its connection, and so does its deinitialization. Only one caller at a
/// time.
public actor ClientUpload: BodyWriter {
    private nonisolated let exchange: ClientExchange
    public nonisolated var unownedExecutor: UnownedSerialExecutor { exchange.unownedExecutor }
    private let upload: Upload
    private let socket: Socket
    /// Why no more can be written.
    private var failure: ClientError?

    init(_ upload: Upload, of exchange: ClientExchange, over socket: Socket) {
        self.upload = upload
        self.exchange = exchange
        self.socket = socket
        // A server that has responded may read no more.
        socket.inputEndsWaitForRoom = true
        socket.limitUnsent()
    }

    /// Writes a piece, and returns when there is room for the next one.
    ///
    /// Throws ``ClientError/connectionLost`` if the server has already responded or reads no more;
    /// ``finish(trailers:until:)`` then returns the response, if there is one. Throws ``ClientError/cancelled`` if the
    /// caller's task is cancelled while it waits for room, and after ``finish(trailers:until:)``. Every later call
    /// throws the same error.
    public func write(_ bytes: [UInt8]) async throws(ClientError) {
        if let failure { throw failure }
        guard !bytes.isEmpty else { return }
        upload.add(RequestEncoder.chunk(bytes))
        do throws(ClientError) {
            try await writeAll(until: nil)
        } catch {
            failure = error
            throw error
        }
    }

    /// Ends the content, even after a cancelled write, and returns the response as soon as its head has arrived. Call
    /// it only once.
    ///
    /// Throws ``ClientError/timedOut`` at `deadline`. An error leaves no connection open.
    public func finish(
        trailers: Headers = Headers(),
        until deadline: Instant
    ) async throws(ClientError) -> ClientResponse {
        let hasResponse = failure == .connectionLost
        failure = failure ?? .cancelled
        if !hasResponse {
            upload.add(RequestEncoder.lastChunk(trailers))
            upload.isWhole = true
            do throws(ClientError) {
                try await writeAll(until: deadline)
            } catch {
                guard error == .connectionLost else {
                    exchange.cancel()
                    throw error
                }
            }
        }
        return ClientResponse(try await exchange.readHead(until: deadline), exchange)
    }

    /// Closes the connection, which tells the server that the content is incomplete. Works from any thread.
    public nonisolated func cancel() {
        exchange.cancel()
    }

    private func writeAll(until deadline: Instant?) async throws(ClientError) {
        while !upload.isWritten {
            // A response before the end of the request is final: the rest need not be sent.
            if await exchange.receiveEarlyResponse() { throw .connectionLost }
            do throws(SystemError) {
                if try upload.writeNow() { return }
            } catch {
                throw .connectionLost
            }
            switch await room(until: deadline) {
            case .ready: break
            case .timedOut: throw .timedOut
            // Otherwise there is input, or the connection was closed: the next round finds out.
            case .interrupted: if Task.isCancelled { throw .cancelled }
            }
        }
    }

    private func room(until deadline: Instant?) async -> Socket.Wake {
        await withTaskCancellationHandler {
            await writable(until: deadline)
        } onCancel: { [socket] in
            let loop = socket.loop
            // Cancellation may come from any thread.
            loop.perform { socket.interruptOutput() }
        }
    }

    /// Isolated on purpose: the operation of `withTaskCancellationHandler` is nonisolated; this call hops to the loop.
    private func writable(until deadline: Instant?) async -> Socket.Wake {
        Task.isCancelled ? .interrupted : await socket.writable(until: deadline)
    }
}

/// The part of a request that the kernel did not take at once, written as fast as the server takes it. It ends with its
/// socket; only the response shows whether the server got everything.
final class Upload: @unchecked Sendable {
    // Unchecked: only its loop's thread touches it.
    private let socket: Socket
    private var pieces: [ArraySlice<UInt8>]
    /// Whether no more bytes will be added.
    var isWhole = false
    /// Whether the whole request was handed to the kernel.
    var isComplete: Bool { isWhole && isWritten }
    var isWritten: Bool { pieces.isEmpty }

    init(_ pieces: [ArraySlice<UInt8>], to socket: Socket) {
        self.socket = socket
        self.pieces = pieces.filter { !$0.isEmpty }
    }

    func add(_ bytes: [UInt8]) {
        pieces.append(bytes[...])
    }

    /// Writes everything. Runs in a separate task, so that an early response is read meanwhile.
    func run() async {
        // A failure is ignored, and reading goes on: the server may have responded before it closed the connection.
        while (try? writeNow()) == false, await socket.writable() == .ready {}
    }

    /// Writes what the kernel takes now; returns whether that was everything.
    func writeNow() throws(SystemError) -> Bool {
        while let piece = pieces.first {
            guard let count = try socket.write(piece.span) else { return false }
            if count == piece.count { pieces.removeFirst() } else { pieces[0] = piece.dropFirst(count) }
        }
        return true
    }
}
