/// Looks names up on threads that end when there is nothing left to look up. From any thread.
final class Lookups: Sendable {
    typealias Answer = Result<[SocketAddress], Resolver.Failure>
    private typealias Queue = LookupQueue<@Sendable (Answer) -> Void>

    private let queue = Lock(Queue())
    /// Blocks as long as it takes.
    private let lookUp: @Sendable (String) -> Answer
    private let startThread: @Sendable (@escaping @Sendable () -> Void) throws(SystemError) -> Void

    init(
        startThread: @escaping @Sendable (@escaping @Sendable () -> Void) throws(SystemError) -> Void = Thread.start,
        _ lookUp: @escaping @Sendable (String) -> Answer
    ) {
        self.startThread = startThread
        self.lookUp = lookUp
    }

    /// Has `waiter` told once of the addresses of `host`, on some thread. Returns a ticket to call that off with.
    func add(_ host: String, _ waiter: @escaping @Sendable (Answer) -> Void) -> Int {
        let (ticket, startsWorker) = queue.withLock { $0.add(host, waiter) }
        guard startsWorker else { return ticket }
        do throws(SystemError) {
            try startThread { self.work() }
        } catch {
            for (host, waiter) in queue.withLock({ $0.workerFailed() }) {
                waiter(.failure(Resolver.Failure(host: host, reason: error.cause)))
            }
        }
        return ticket
    }

    func remove(_ ticket: Int, of host: String) {
        queue.withLock { $0.remove(ticket, of: host) }
    }

    private func work() {
        while let host = queue.withLock({ $0.next() }) {
            let answer = lookUp(host)
            for waiter in queue.withLock({ $0.ended(host) }) { waiter(answer) }
        }
    }
}
