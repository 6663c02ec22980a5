import EventLoop
import Function

/// Records what goes through handlers, from every loop, without holding anything up: bodies pass through as they come,
/// a write returns when the writer behind it does.
final class ExchangeRecorder: Sendable {
    private let log = Lock(ExchangeLog())
    private let now: @Sendable () -> Int

    /// `now` in milliseconds since 1970.
    init(now: @escaping @Sendable () -> Int = { WallClock.milliseconds }) {
        self.now = now
    }

    /// The handler, with what goes through it recorded.
    func recording(_ handler: @escaping Handler) -> Handler {
        { await self.record($0, handler) }
    }

    /// What has changed since `revision`, and the revision to ask with next.
    func changed(after revision: Int) -> (exchanges: [RecordedExchange], revision: Int) {
        log.withLock { ($0.changed(after: revision), $0.revision) }
    }

    private func record(_ request: Request, _ handler: Handler) async -> Response {
        let time = now()
        let number = log.withLock { $0.begin(request, at: time) }
        var request = request
        if request.body.length != 0 {
            let body = request.body
            request.body = .stream(length: body.length) { writer in
                try await body.write(to: RecordingWriter(to: writer) { self.read($0, of: number) })
            }
        }
        let response = await handler(request)
        return answered(response, to: request, number)
    }

    private func answered(_ response: Response, to request: Request, _ number: Int) -> Response {
        var response = response
        var shown = response
        // What the runtime adds behind us.
        shown.headers[.xRequestID] = Headers.Value(request.id)
        log.withLock { $0.answer(shown, to: number) }
        if case .bytes(let bytes) = response.body.storage {
            let time = now()
            log.withLock {
                if request.method != .head { $0.written(bytes, of: number) }
                $0.end(number, .complete, at: time)
            }
        } else {
            let body = response.body
            // Run once, whatever becomes of the client: the exchange has an end.
            response.body = .stream(length: body.length) { writer in
                do {
                    try await body.write(to: RecordingWriter(to: writer) { self.written($0, of: number) })
                    self.end(number, .complete)
                } catch {
                    self.end(number, .broken)
                    throw error
                }
            }
        }
        return response
    }

    private func read(_ bytes: [UInt8], of number: Int) {
        log.withLock { $0.read(bytes, of: number) }
    }

    private func written(_ bytes: [UInt8], of number: Int) {
        log.withLock { $0.written(bytes, of: number) }
    }

    private func end(_ number: Int, _ state: RecordedExchange.State) {
        let time = now()
        log.withLock { $0.end(number, state, at: time) }
    }
}
