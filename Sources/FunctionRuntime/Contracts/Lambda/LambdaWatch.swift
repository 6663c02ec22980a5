import EventLoop
import Function
import Glibc
import HTTP

/// Ends the process when an event was not answered in time because its handler spins: nothing on the loop can run then.
///
/// Lambda is told by a connection of its own, on a thread of its own.
final class LambdaWatch: Sendable {
    private let ids: Lock<[Int: String]>
    private let deadlines: DeadlineWatch

    /// `exit` ends the process, with a code.
    init(_ api: LambdaAPI, sink: LogSink, exit: @escaping @Sendable (Int32) -> Void) throws(SystemError) {
        let ids = Lock<[Int: String]>([:])
        self.ids = ids
        deadlines = try DeadlineWatch { number in
            guard let id = ids.withLock({ $0[number] }) else { return }
            sink.say(.error, "deadline exceeded") {
                $0.member("aws_request_id", id)
                $0.member("cause", "the handler keeps its thread busy; the process ends")
            }
            api.post(.error(id: id, .deadlineExceeded))
            exit(4)
        }
    }

    /// Watches the answering of an event; `number` says by whom.
    func begin(_ number: Int, _ id: String, until deadline: Instant) {
        ids.withLock { $0[number] = id }
        deadlines.watch(number, until: deadline)
    }

    func end(_ number: Int) {
        deadlines.unwatch(number)
    }
}

extension LambdaAPI {
    /// Posts on the calling thread, and waits no longer than a moment: the process ends next, whatever comes of it.
    func post(_ call: LambdaCall) {
        guard let bytes = request(call)?.bytes(to: origin) else { return }
        _ = try? BlockingExchange.send(bytes, host: origin.host, port: origin.port, limit: .milliseconds(500))
    }
}
