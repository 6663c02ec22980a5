package import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// A request that is answered in this process, and its response as it is read. What was written and not read waits, up
/// to a limit: then a write waits, as for a client's room.
actor InProcessExchange: BodyWriter {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// The one that answers.
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

    /// Thrown to who writes to a client that has gone, or has taken nothing before its task was cancelled.
    private struct Gone: Error {}

    /// What the kernel would keep of a stream whose reader is slow, in bytes.
    private static let maxWaiting = 64 * 1024

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Has the request answered, and the response's body written to its end.
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

    /// The client goes, which cancels the task that answers. From any thread.
    nonisolated func leave() {
        loop.start {
            await self.cancel()
            await self.breakOff()
        }
    }

    /// Cancels the task that answers, which may still say that it ends.
    func cancel() {
        task?.cancel()
    }

    /// Nothing comes or is taken any more.
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

    // Functions of their own, as a cancellation handler's operation may run on another thread until it calls one.

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

/// What one task waits for and others give, kept while nobody waits; whoever was waiting looks for himself what there is.
private struct Signal {
    private var isGiven = false
    private var waiter: UnsafeContinuation<Void, Never>?

    mutating func give() {
        // Resumed exactly once, as it is taken out.
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

/// The client's end of an exchange: where nobody holds it any more, the client has gone.
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
    /// Drops the content where no client sees it: that of an answer to HEAD (RFC 9110, section 9.3.2).
    package mutating func dropContent(of request: Request) async {
        guard request.method == .head else { return }
        await body.discard()
        body = .empty
    }
}
