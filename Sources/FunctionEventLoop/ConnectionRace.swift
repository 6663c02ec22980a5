/// Decides when to try which address (RFC 8305, section 5), as a value without sockets or clock. ``Connector`` carries out
/// the decisions.
///
/// Addresses are numbered and tried in order: each 250 ms after the one before, or at once if an attempt fails. The first
/// connection wins.
struct ConnectionRace {
    let count: Int
    private(set) var running: Set<Int> = []
    private var begun = 0
    private var nextBegin = Instant(nanoseconds: .min)
    private(set) var isOver = false

    /// RFC 8305, section 8: Connection Attempt Delay.
    static let delay = Interval.milliseconds(250)

    init(count: Int) {
        self.count = count
    }

    /// Returns the address to try now, if any, and counts it as running.
    mutating func begin(now: Instant) -> Int? {
        guard let time = beginsNext, now >= time else { return nil }
        defer { begun += 1 }
        running.insert(begun)
        nextBegin = now + Self.delay
        return begun
    }

    /// When to try the next address; nil if none is left.
    var beginsNext: Instant? {
        isOver || begun == count ? nil : nextBegin
    }

    mutating func failed(_ number: Int, now: Instant) {
        guard running.remove(number) != nil else { return }
        nextBegin = min(nextBegin, now)
    }

    /// Records that an address is connected. Returns whether it is the first, and if so the other running attempts, which
    /// the caller must close. None is running afterwards.
    mutating func connected(_ number: Int) -> (isFirst: Bool, losers: Set<Int>) {
        guard !isOver, running.remove(number) != nil else { return (false, []) }
        defer { running = [] }
        isOver = true
        return (true, running)
    }

    /// Ends the race. Returns the running attempts, which the caller must close.
    mutating func cancel() -> Set<Int> {
        defer { running = [] }
        isOver = true
        return running
    }

    /// Whether every address was tried and failed.
    var isLost: Bool { !isOver && begun == count && running.isEmpty }
}

extension [SocketAddress] {
    /// The order to try them in (RFC 8305, section 4): the families alternate, beginning with that of the first address,
    /// and each family keeps the resolver's order. `last`, the address that worked before, comes first if it is still
    /// among them. Duplicates are removed.
    package func inOrderOfTrying(last: SocketAddress?) -> [SocketAddress] {
        var unique: [SocketAddress] = []
        for address in self where !unique.contains(address) { unique.append(address) }
        var queues = [unique.filter { $0.family == unique[0].family }, unique.filter { $0.family != unique[0].family }]
        var order: [SocketAddress] = []
        while order.count < unique.count {
            for index in queues.indices where !queues[index].isEmpty { order.append(queues[index].removeFirst()) }
        }
        guard let last, let index = order.firstIndex(of: last) else { return order }
        order.insert(order.remove(at: index), at: 0)
        return order
    }
}
