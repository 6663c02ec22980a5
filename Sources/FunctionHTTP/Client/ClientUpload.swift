public import FunctionCore
public import FunctionEventLoop

/// A request whose content is written piece by piece, chunked (RFC 9112, section 7.1): no faster than its server takes it.
///
/// Where it is not finished its connection is closed, by ``cancel()`` or when nobody holds it any more. One caller at a
/// time.
public actor ClientUpload: BodyWriter {
    private nonisolated let exchange: ClientExchange
    public nonisolated var unownedExecutor: UnownedSerialExecutor { exchange.unownedExecutor }
    private let upload: Upload
    private let socket: Socket
    /// Why nothing more is written.
    private var failure: ClientError?

    init(_ upload: Upload, of exchange: ClientExchange, over socket: Socket) {
        self.upload = upload
        self.exchange = exchange
        self.socket = socket
        // A server that has answered may take no more.
        socket.inputEndsWaitForRoom = true
        socket.limitUnsent()
    }

    /// Takes a piece, and returns when there is room for the next one.
    ///
    /// Throws ``ClientError/connectionLost`` if the server has answered already, or takes no more: what it has answered,
    /// ``finish(trailers:until:)`` tells. Throws ``ClientError/cancelled`` if the caller's task is cancelled while there
    /// is no room, and after ``finish(trailers:until:)``. Each later call then throws the same.
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

    /// Ends the content, once, also where a write was cancelled, and answers the response as soon as its head is there, by
    /// `deadline` at the latest. What it throws leaves no connection open.
    public func finish(
        trailers: Headers = Headers(),
        until deadline: Instant
    ) async throws(ClientError) -> ClientResponse {
        let hasAnswer = failure == .connectionLost
        failure = failure ?? .cancelled
        if !hasAnswer {
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

    /// Closes the connection, which tells the server that the content is not whole. From any thread.
    public nonisolated func cancel() {
        exchange.cancel()
    }

    private func writeAll(until deadline: Instant?) async throws(ClientError) {
        while !upload.isWritten {
            // What the server says before it has heard all is its last word on it.
            if await exchange.receiveEarlyAnswer() { throw .connectionLost }
            do throws(SystemError) {
                if try upload.writeNow() { return }
            } catch {
                throw .connectionLost
            }
            switch await room(until: deadline) {
            case .ready: break
            case .timedOut: throw .timedOut
            // Or something can be read, or the connection was closed: looked at next.
            case .interrupted: if Task.isCancelled { throw .cancelled }
            }
        }
    }

    private func room(until deadline: Instant?) async -> Socket.Wake {
        await withTaskCancellationHandler {
            await writable(until: deadline)
        } onCancel: { [socket] in
            let loop = socket.loop
            // Whoever cancels may be on any thread.
            loop.perform { socket.interruptOutput() }
        }
    }

    /// A function of its own, as the handler's operation may run on another thread until it calls one.
    private func writable(until deadline: Instant?) async -> Socket.Wake {
        Task.isCancelled ? .interrupted : await socket.writable(until: deadline)
    }
}

/// The part of a request that the kernel did not take at once; written as fast as the server takes it. Ends with its
/// socket. Whether the server got it all is for the response to tell.
final class Upload: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.
    private let socket: Socket
    private var pieces: [ArraySlice<UInt8>]
    /// Whether nothing comes behind what is here.
    var isWhole = false
    /// Whether all was handed to the kernel.
    var isComplete: Bool { isWhole && isWritten }
    var isWritten: Bool { pieces.isEmpty }

    init(_ pieces: [ArraySlice<UInt8>], to socket: Socket) {
        self.socket = socket
        self.pieces = pieces.filter { !$0.isEmpty }
    }

    func add(_ bytes: [UInt8]) {
        pieces.append(bytes[...])
    }

    /// Writes all, in a task of its own, so that what the server answers meanwhile is read.
    func run() async {
        // Where that fails read on: the server may have answered before it closed the connection.
        while (try? writeNow()) == false, await socket.writable() == .ready {}
    }

    /// Writes what the kernel takes now; answers whether that was all.
    func writeNow() throws(SystemError) -> Bool {
        while let piece = pieces.first {
            guard let count = try socket.write(piece.span) else { return false }
            if count == piece.count { pieces.removeFirst() } else { pieces[0] = piece.dropFirst(count) }
        }
        return true
    }
}
