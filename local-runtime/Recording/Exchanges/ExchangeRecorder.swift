package import FunctionCore
import FunctionEventLoop

/// Records what goes through handlers on any loop, for the page to show.
package final class ExchangeRecorder: Sendable {
    private let log = Lock(ExchangeLog())
    private let now: @Sendable () -> Int

    /// `now` in milliseconds since 1970.
    package init(now: @escaping @Sendable () -> Int = { WallClock.milliseconds }) {
        self.now = now
    }

    /// Wraps a handler so that its exchanges are recorded.
    package func recording(_ handler: @escaping Handler) -> Handler {
        { request in
            let time = self.now()
            let number = self.log.withLock { $0.begin(request, at: time) }
            return await Entry(log: self.log, number: number, id: request.id, now: self.now).observe(request, handler)
        }
    }

    /// The exchanges that changed after `revision`, and the revision to pass next time.
    package func changed(after revision: Int) -> (exchanges: [RecordedExchange], revision: Int) {
        log.withLock { ($0.changed(after: revision), $0.revision) }
    }

    /// One exchange's place in the log.
    private struct Entry: ExchangeObserver {
        let log: Lock<ExchangeLog>
        let number: Int
        let id: String
        let now: @Sendable () -> Int

        func read(_ bytes: [UInt8]) {
            log.withLock { $0.read(bytes, of: number) }
        }

        func responded(_ response: Response) {
            var shown = response
            // The runtime adds this field after this handler.
            shown.headers[.xRequestID] = Headers.Value(id)
            log.withLock { $0.responded(shown, to: number) }
        }

        func written(_ bytes: [UInt8]) {
            log.withLock { $0.written(bytes, of: number) }
        }

        func ended(isComplete: Bool) {
            let time = now()
            log.withLock { $0.end(number, isComplete ? .complete : .broken, at: time) }
        }
    }
}
