/// Looks names up on threads that end when there is nothing left to look up. From any thread.
final class Lookups: Sendable {
    typealias Answer = Result<[SocketAddress], Resolver.Failure>
    private typealias Queue = LookupQueue<@Sendable (Answer) -> Void>

    private let queue = Lock(Queue())
    /// Blocks as long as it takes.
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

/// Which names are looked up, and who waits for each: a value without threads. ``Lookups`` carries out what it decides.
///
/// A name is looked up once however many wait for it, and few names at a time: a name server that hangs holds no more
/// threads than that. Names beyond wait for one that has ended.
struct LookupQueue<Waiter> {
    private var waiters: [String: [(ticket: Int, waiter: Waiter)]] = [:]
    private var queue: [String] = []
    private var running: Set<String> = []
    private var tickets = 0
    private(set) var workers = 0

    /// How many names are looked up at a time.
    static var maxWorkers: Int { 8 }

    /// Takes in somebody who waits for a name. Returns their ticket, and whether another worker is to start: it is
    /// counted from then on.
    mutating func add(_ host: String, _ waiter: Waiter) -> (ticket: Int, startsWorker: Bool) {
        tickets += 1
        waiters[host, default: []].append((tickets, waiter))
        guard !running.contains(host), !queue.contains(host) else { return (tickets, false) }
        queue.append(host)
        guard workers < Self.maxWorkers else { return (tickets, false) }
        workers += 1
        return (tickets, true)
    }

    /// Somebody waits no longer. A name that nobody waits for any more is not looked up, unless that has begun.
    mutating func remove(_ ticket: Int, of host: String) {
        waiters[host]?.removeAll { $0.ticket == ticket }
        guard waiters[host]?.isEmpty ?? false else { return }
        waiters[host] = nil
        queue.removeAll { $0 == host }
    }

    /// The name that a worker looks up next; nil ends the worker.
    mutating func next() -> String? {
        guard !queue.isEmpty else {
            workers -= 1
            return nil
        }
        let host = queue.removeFirst()
        running.insert(host)
        return host
    }

    /// A worker has looked the name up: who is to be told.
    mutating func ended(_ host: String) -> [Waiter] {
        running.remove(host)
        return waiters.removeValue(forKey: host)?.map(\.waiter) ?? []
    }

    /// A worker could not be started. Without any other nobody would look up what is queued: who is to be told so.
    mutating func workerFailed() -> [(host: String, waiter: Waiter)] {
        workers -= 1
        guard workers == 0 else { return [] }
        defer { queue = [] }
        return queue.flatMap { host in
            (waiters.removeValue(forKey: host) ?? []).map { (host, $0.waiter) }
        }
    }
}
