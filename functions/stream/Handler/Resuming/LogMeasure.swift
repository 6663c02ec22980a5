import StreamTokens

/// How full a run's log is, and what of it can be dropped, in the owner's memory: a few marks, not every event.
struct LogMeasure: Sendable {
    /// The most bytes of a log.
    let limit: Int
    /// Some events, the oldest first, and the bytes of all events up to each of them.
    private var marks: [Mark] = []
    /// The last event.
    private var last = Mark(number: 0, total: 0)
    /// The last event that was dropped.
    private var dropped = Mark(number: 0, total: 0)

    private struct Mark {
        let number: Int
        let total: Int
    }

    init(limit: Int) {
        self.limit = limit
    }

    /// The most bytes of one event.
    static func eventLimit(_ limit: Int) -> Int { limit / 4 }

    /// Events are appended together up to so many bytes, and one more.
    var batch: Int { min(16 << 10, limit / 16) }

    /// The bytes in the log.
    var byteCount: Int { last.total - dropped.total }

    /// Notes an event that was appended.
    mutating func append(_ number: Int, _ bytes: Int) {
        last = Mark(number: number, total: last.total + bytes)
        guard last.total - (marks.last ?? dropped).total >= limit / 64 else { return }
        marks.append(last)
    }

    /// Whether the log has room for the next batch.
    var hasRoom: Bool { byteCount <= limit - batch - Self.eventLimit(limit) }

    /// The event up to which the log has to be dropped to have room for the next batch; nil if it has room, or if
    /// nothing can be dropped. `given` is the last event that the reader was given: what comes behind it is never
    /// dropped, and of what it was given, the last quarter stays, because it may be on its way.
    mutating func makeRoom(given: Int) -> Int? {
        guard !hasRoom else { return nil }
        let total = given >= last.number ? last.total : marks.last { $0.number <= given }?.total ?? dropped.total
        let droppable = marks.prefix { $0.number <= given && total - $0.total >= limit / 4 }
        let enough = droppable.firstIndex { last.total - $0.total <= limit - batch - Self.eventLimit(limit) }
        guard let mark = enough.map({ droppable[$0] }) ?? droppable.last else { return nil }
        dropped = mark
        marks.removeAll { $0.number <= mark.number }
        return mark.number
    }
}

/// The last events of a run in its owner's memory: a reader that keeps up is given them without a trip to the store.
struct RecentEvents: Sendable {
    private var events: [LoggedEvent] = []
    private var byteCount = 0

    private static let limit = 16 << 10

    /// The last event that was dropped; those behind it are here.
    private var dropped = 0

    /// Adds events, and drops the oldest ones over the limit. With `keeping`, events behind that number are not dropped.
    mutating func append(_ more: [LoggedEvent], keeping given: Int?) {
        events += more
        byteCount += more.reduce(0) { $0 + $1.byteCount }
        var count = 0
        while byteCount > Self.limit, count < events.count, given.map({ events[count].number <= $0 }) ?? true {
            byteCount -= events[count].byteCount
            dropped = events[count].number
            count += 1
        }
        events.removeFirst(count)
    }

    /// Whether it is full of events behind that number.
    func isFull(behind given: Int) -> Bool {
        byteCount > Self.limit && (events.last?.number ?? 0) > given
    }

    /// The events behind that number; nil if some of them are no longer here.
    func events(after number: Int) -> ArraySlice<LoggedEvent>? {
        guard number >= dropped else { return nil }
        // Numbers have no gaps.
        let start = events.first.map { max(0, number + 1 - $0.number) } ?? 0
        return events.dropFirst(start)
    }
}
