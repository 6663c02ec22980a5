/// Looks up names on threads that end when nothing is left to look up. Any thread may use this.
final class Lookups: Sendable {
    typealias Answer = Result<[SocketAddress], Resolver.Failure>
    private typealias Queue = LookupQueue<@Sendable (Answer) -> Void>

    private let queue = Lock(Queue())
    /// Blocks until the system's resolver returns.
    private let lookUp: @Sendable (String) -> Answer
    private let startThread: @Sendable (@escaping @Sendable () -> Void) throws(SystemError) -> Void

    init(
        startThread: @escaping @Sendable (@escaping @Sendable () -> Void) throws(SystemError) -> Void = SystemThread
            .start,
        _ lookUp: @escaping @Sendable (String) -> Answer
    ) {
        self.startThread = startThread
        self.lookUp = lookUp
    }

    /// Calls `waiter` once with the addresses of `host`, on any thread. Returns a ticket for ``remove(_:of:)``.
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

/// Decides which names to look up and keeps their waiters, as a value without threads. ``Lookups`` carries out the
/// decisions.
///
/// All waiters for a name share one lookup. Few names are looked up at a time, so that a name server that hangs blocks
/// only as many threads; further names queue.
struct LookupQueue<Waiter> {
    private var waiters: [String: [(ticket: Int, waiter: Waiter)]] = [:]
    private var queue: [String] = []
    private var running: Set<String> = []
    private var tickets = 0
    private(set) var workers = 0

    static var maxWorkers: Int { 8 }

    /// Adds a waiter for a name. Returns its ticket, and whether the caller must start another worker, which is already
    /// counted.
    mutating func add(_ host: String, _ waiter: Waiter) -> (ticket: Int, startsWorker: Bool) {
        tickets += 1
        waiters[host, default: []].append((tickets, waiter))
        guard !running.contains(host), !queue.contains(host) else { return (tickets, false) }
        queue.append(host)
        guard workers < Self.maxWorkers else { return (tickets, false) }
        workers += 1
        return (tickets, true)
    }

    /// Removes a waiter. A name without waiters is not looked up, unless that has begun.
    mutating func remove(_ ticket: Int, of host: String) {
        waiters[host]?.removeAll { $0.ticket == ticket }
        guard waiters[host]?.isEmpty ?? false else { return }
        waiters[host] = nil
        queue.removeAll { $0 == host }
    }

    /// Returns the name that a worker must look up next; nil ends the worker.
    mutating func next() -> String? {
        guard !queue.isEmpty else {
            workers -= 1
            return nil
        }
        let host = queue.removeFirst()
        running.insert(host)
        return host
    }

    /// Records that a worker has looked up the name. Returns its waiters.
    mutating func ended(_ host: String) -> [Waiter] {
        running.remove(host)
        return waiters.removeValue(forKey: host)?.map(\.waiter) ?? []
    }

    /// Records that a worker could not be started. If there is no other worker, empties the queue and returns its waiters,
    /// whose lookups have failed.
    mutating func workerFailed() -> [(host: String, waiter: Waiter)] {
        workers -= 1
        guard workers == 0 else { return [] }
        defer { queue = [] }
        return queue.flatMap { host in
            (waiters.removeValue(forKey: host) ?? []).map { (host, $0.waiter) }
        }
    }
}
