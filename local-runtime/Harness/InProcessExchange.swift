package import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// A request to a function in this process, and its response as the client reads it. Pieces that are not read yet are
/// kept up to a limit; then writing waits, as it would for a slow client.
actor InProcessExchange: BodyWriter {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Runs the function.
    var task: Task<Void, Never>?
    private var head: Response?
    private var pieces: [[UInt8]] = []
    private var waitingCount = 0
    private var state = State.open
    private var news = Signal()
    private var room = Signal()

    private enum State {
        case open
        case complete
        case brokenOff
    }

    /// Thrown to the writer if the client has gone, or its task is cancelled while the client reads nothing.
    private struct Gone: Error {}

    /// About what the kernel would keep for a slow reader, in bytes.
    private static let maxWaiting = 64 * 1024

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Runs the function, and writes the response's body to its end.
    func run(_ request: Request, _ service: Service) async {
        let start = Instant.now
        var response = await service.respond(request)
        await response.dropContent(of: request)
        head = response
        news.give()
        do {
            try await response.body.write(to: self)
            finish(.complete)
        } catch {
            finish(.brokenOff)
        }
        let exchange = Exchange(
            request: request,
            response: response,
            duration: .now - start,
            isComplete: state == .complete
        )
        service.completed(exchange)
    }

    func write(_ bytes: [UInt8]) async throws {
        while state == .open, waitingCount >= Self.maxWaiting, !Task.isCancelled {
            await withTaskCancellationHandler {
                await waitForRoom()
            } onCancel: { [loop] in
                loop.start { await self.wake() }
            }
        }
        guard state == .open, waitingCount < Self.maxWaiting else { throw Gone() }
        guard !bytes.isEmpty else { return }
        pieces.append(bytes)
        waitingCount += bytes.count
        news.give()
    }

    /// The response's status and fields, by `deadline` at the latest.
    func readHead(until deadline: Instant) async throws(ClientError) -> Response {
        while true {
            if let head { return head }
            guard state == .open else { throw .connectionLost }
            try await waitForNews(until: deadline)
        }
    }

    /// The next piece as it was written; nil at the end.
    func next(until deadline: Instant) async throws(ClientError) -> [UInt8]? {
        while true {
            if !pieces.isEmpty {
                let piece = pieces.removeFirst()
                waitingCount -= piece.count
                room.give()
                return piece
            }
            switch state {
            case .open: try await waitForNews(until: deadline)
            case .complete: return nil
            case .brokenOff: throw .connectionLost
            }
        }
    }

    /// The client leaves, which cancels the function's task. May be called on any thread.
    nonisolated func leave() {
        loop.start {
            await self.cancel()
            await self.breakOff()
        }
    }

    /// Cancels the function's task. It may still end the body in its own way.
    func cancel() {
        task?.cancel()
    }

    /// Ends the exchange: nothing more is written or read.
    func breakOff() {
        finish(.brokenOff)
    }

    private func finish(_ state: State) {
        guard self.state == .open else { return }
        self.state = state
        wake()
    }

    private func waitForNews(until deadline: Instant) async throws(ClientError) {
        guard !Task.isCancelled else { throw .cancelled }
        guard Instant.now < deadline else { throw .timedOut }
        let timer = Timer(on: loop, at: deadline) { [weak self] in self?.assumeIsolated { $0.news.give() } }
        await withTaskCancellationHandler {
            await waitForNews()
        } onCancel: { [loop] in
            loop.start { await self.wake() }
        }
        timer.cancel()
    }

    // Separate and isolated functions: the operation of withTaskCancellationHandler may run on another thread.

    private func waitForNews() async {
        await withUnsafeContinuation { news.wait($0) }
    }

    private func waitForRoom() async {
        await withUnsafeContinuation { room.wait($0) }
    }

    private func wake() {
        news.give()
        room.give()
    }
}

/// Wakes one waiting task, or the next one that waits. It carries no value: the task looks at the state itself.
private struct Signal {
    private var isGiven = false
    private var waiter: UnsafeContinuation<Void, Never>?

    mutating func give() {
        // Resumed exactly once: it is removed first.
        if let waiter = waiter.take() { waiter.resume() } else { isGiven = true }
    }

    mutating func wait(_ continuation: UnsafeContinuation<Void, Never>) {
        guard !isGiven else {
            isGiven = false
            return continuation.resume()
        }
        waiter = continuation
    }
}

/// The client's end of an exchange. When the last reference to it is gone, the client has left.
final class InProcessReader: Sendable {
    let exchange: InProcessExchange

    init(_ exchange: InProcessExchange) {
        self.exchange = exchange
    }

    deinit {
        exchange.leave()
    }
}

extension Response {
    /// Drops the content of a response to HEAD, which has none (RFC 9110, section 9.3.2).
    package mutating func dropContent(of request: Request) async {
        guard request.method == .head else { return }
        await body.discard()
        body = .empty
    }
}
