import FunctionCore
import FunctionEventLoop

/// A request that was sent, and its response while it is read. It owns the connection until the response ends; then the
/// connection goes back to the client or is closed.
actor ClientExchange {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let client: Client
    private let origin: Origin
    /// Nil once it was given back or closed.
    private var socket: Socket?
    private let upload: Upload?
    private var parser: ResponseParser
    private var state = State.open
    private var head: ResponseHead?
    /// Content that was read but not asked for: never more than one read.
    private var content: [UInt8] = []
    /// The reads of content in the loop's turn that began at `turn`.
    private var reads = (turn: Instant(nanoseconds: 0), count: 0)

    private enum State {
        case open
        /// The response is complete.
        case over
        case failed(ClientError)
    }

    /// The most bytes that one read takes: the buffer of one direction.
    private static let readSize = 16 * 1024
    /// Lets others on the loop run, however fast a server sends and its reader reads.
    private static let maxReadsPerTurn = 16

    init(_ request: ClientRequest, to origin: Origin, over socket: Socket, upload: Upload?, of client: Client) {
        self.origin = origin
        self.socket = socket
        self.upload = upload
        self.client = client
        loop = client.loop
        parser = ResponseParser(to: request.method)
    }

    deinit {
        // Nobody can ask for the rest of the response.
        guard let socket else { return }
        loop.perform { socket.close() }
    }

    /// Returns the response's head. Closes the connection if the head has not arrived by `deadline`.
    func readHead(until deadline: Instant) async throws(ClientError) -> ResponseHead {
        while true {
            if let head { return head }
            if await !receive(until: deadline) { fail(.timedOut) }
            if head == nil, case .failed(let error) = state { throw error }
        }
    }

    /// Reads what arrives while the request is still being sent; returns whether sending the rest is pointless.
    func receiveEarlyResponse() -> Bool {
        while case .open = state, head == nil, receiveNow() {}
        if case .open = state { return head != nil }
        return true
    }

    func next(until deadline: Instant, heedsCancellation: Bool) async throws(ClientError) -> ClientResponse.Piece {
        while true {
            if heedsCancellation, Task.isCancelled { fail(.cancelled) }
            // Content that arrived before the connection was lost is returned first.
            if case .failed(.cancelled) = state { throw .cancelled }
            if !content.isEmpty {
                defer { content = [] }
                return .bytes(content)
            }
            switch state {
            case .open: break
            case .over: return .end
            case .failed(let error): throw error
            }
            if isTurnUsedUp() { await loop.sleep(until: loop.now) }
            if await !receive(until: deadline, heedsCancellation: heedsCancellation) { return .nothing }
        }
    }

    nonisolated func cancel() {
        loop.perform { self.assumeIsolated { $0.fail(.cancelled) } }
    }

    /// Reads once, or finds that nothing more can be read; false if nothing has arrived by `deadline`.
    ///
    /// Inlined: on the way of each event of a stream, every call that may wait costs as much as a small allocation.
    @inline(__always)
    private func receive(until deadline: Instant, heedsCancellation: Bool = true) async -> Bool {
        while let socket {
            if heedsCancellation, Task.isCancelled {
                fail(.cancelled)
                return true
            }
            if receiveNow() { return true }
            let wake =
                heedsCancellation
                ? await readableUnlessCancelled(socket, until: deadline) : await socket.readable(until: deadline)
            switch wake {
            case .ready: continue
            case .timedOut: return false
            case .interrupted: fail(.cancelled)
            }
        }
        return true
    }

    /// Reads once, or finds that nothing more can be read; false if nothing has arrived.
    private func receiveNow() -> Bool {
        guard let socket else { return true }
        do throws(SystemError) {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<Self.readSize])
            guard let count = try socket.read(into: buffer) else { return false }
            count == 0 ? inputEnded() : take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } catch {
            fail(.connectionLost)
        }
        return true
    }

    /// Counts a read. True if it has to wait for the loop's next turn.
    private func isTurnUsedUp() -> Bool {
        guard reads.turn == loop.now else {
            reads = (loop.now, 1)
            return false
        }
        reads.count += 1
        return reads.count > Self.maxReadsPerTurn
    }

    private func readableUnlessCancelled(_ socket: Socket, until deadline: Instant) async -> Socket.Wake {
        await withTaskCancellationHandler {
            await readable(socket, until: deadline)
        } onCancel: {
            cancel()
        }
    }

    /// Isolated on purpose: the operation of `withTaskCancellationHandler` is nonisolated; this call hops to the loop.
    private func readable(_ socket: Socket, until deadline: Instant) async -> Socket.Wake {
        Task.isCancelled ? .interrupted : await socket.readable(until: deadline)
    }

    private func take(_ input: UnsafeRawBufferPointer) {
        input.withMemoryRebound(to: UInt8.self) { input in
            var consumed = 0
            do throws(ResponseError) {
                while let event = try parser.next(input.span, consumed: &consumed) {
                    switch event {
                    case .head(let head): self.head = head
                    case .body(let range): content += input[range]
                    case .end: finish(isAlone: consumed == input.count)
                    }
                }
            } catch {
                fail(.malformed(error.reason))
            }
        }
    }

    private func inputEnded() {
        if parser.inputEnded() { finish(isAlone: false) } else { fail(.connectionLost) }
    }

    /// Call when the response is complete; `isAlone` if no bytes follow it, which would pass for the next response.
    private func finish(isAlone: Bool) {
        guard case .open = state, let socket else { return }
        state = .over
        self.socket = nil
        if isAlone, upload?.isComplete ?? true, head?.keepAlive ?? false {
            client.assumeIsolated { $0.keep(socket, to: origin) }
        } else {
            socket.close()
        }
    }

    private func fail(_ error: ClientError) {
        guard case .open = state, let socket else { return }
        state = .failed(error)
        self.socket = nil
        socket.close()
    }
}
