import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms
import Glibc

/// Ends the process if a handler spins past its event's deadline: nothing else can run on the loop then. So the watch
/// has its own thread, and its own connection to tell Lambda.
final class LambdaWatch: Sendable {
    /// Unique for each event, so that a deadline that fires late is never taken for the next event's.
    typealias Number = Int

    private struct Watched {
        var last: Number = 0
        var ids: [Number: String] = [:]
    }

    private let watched: Lock<Watched>
    private let deadlines: DeadlineWatch

    /// `exit` ends the process, with a code.
    init(_ api: LambdaAPI, sink: LogSink, exit: @escaping @Sendable (Int32) -> Void) throws(SystemError) {
        let watched = Lock(Watched())
        self.watched = watched
        deadlines = try DeadlineWatch { number in
            // Nil if the event ended at this very moment: then nothing spins.
            guard let id = watched.withLock({ $0.ids.removeValue(forKey: number) }) else { return }
            sink.say(.error, "deadline exceeded") {
                $0.member("aws_request_id", id)
                $0.member("cause", "the handler keeps its thread busy, so the process ends")
            }
            api.post(.error(id: id, .deadlineExceeded))
            exit(4)
        }
    }

    /// Watches an event until ``end(_:)``. Nil if `deadline` has passed already: the handler has not run yet, so it
    /// cannot be what spins.
    func begin(_ id: String, until deadline: Instant) -> Number? {
        guard deadline > .now else { return nil }
        let number = watched.withLock { watched in
            watched.last += 1
            watched.ids[watched.last] = id
            return watched.last
        }
        deadlines.watch(number, until: deadline)
        return number
    }

    func end(_ number: Number) {
        watched.withLock { $0.ids[number] = nil }
        deadlines.unwatch(number)
    }
}

extension LambdaAPI {
    /// Posts on the calling thread, and ignores failures. Waits at most 500 ms for each step, since the process ends
    /// next.
    func post(_ call: LambdaCall) {
        guard let bytes = request(call)?.bytes(to: origin) else { return }
        _ = try? BlockingExchange.send(bytes, host: origin.host, port: origin.port, limit: .milliseconds(500))
    }
}
