/// Which address is tried when (RFC 8305, section 5), as a value without sockets or clock. ``Connector`` carries out
/// what it decides.
///
/// Addresses are numbered in the order in which they are tried: the next one 250 ms after the last was begun, and at once
/// when one that is under way has failed. The first that is connected has won.
struct ConnectionRace {
    /// The number of addresses.
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

    /// The address that is to be tried now, if one is: it is under way from then on.
    mutating func begin(now: Instant) -> Int? {
        guard let time = beginsNext, now >= time else { return nil }
        defer { begun += 1 }
        running.insert(begun)
        nextBegin = now + Self.delay
        return begun
    }

    /// When the next address is to be tried; nil where none is left to try.
    var beginsNext: Instant? {
        isOver || begun == count ? nil : nextBegin
    }

    mutating func failed(_ number: Int, now: Instant) {
        guard running.remove(number) != nil else { return }
        nextBegin = min(nextBegin, now)
    }

    /// An address is connected. Returns whether it is the first one; then those under way are to be closed, and nothing is
    /// under way any more.
    mutating func connected(_ number: Int) -> (isFirst: Bool, losers: Set<Int>) {
        guard !isOver, running.remove(number) != nil else { return (false, []) }
        defer { running = [] }
        isOver = true
        return (true, running)
    }

    /// Nothing further is to be tried. Returns what is to be closed.
    mutating func cancel() -> Set<Int> {
        defer { running = [] }
        isOver = true
        return running
    }

    /// Whether every address was tried, and all have failed.
    var isLost: Bool { !isOver && begun == count && running.isEmpty }
}

extension [SocketAddress] {
    /// The order in which to try them (RFC 8305, section 4): the families in turn, beginning with the first address's,
    /// each in the order in which the resolver sorted it. `last`, the address that worked before, comes before all if it
    /// is still among them. Each address once.
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
