import FunctionEventLoop

/// Idle connections by origin: a value without a clock. The most recently used one is taken first, so that unneeded
/// ones expire.
struct IdleConnections<Connection: Sendable>: Sendable {
    private struct Entry: Sendable {
        let connection: Connection
        let since: Instant
    }

    private let limit: Int
    private let timeout: Interval
    /// The connections of each origin that has any, the longest idle first.
    private var entries: [Origin: [Entry]] = [:]

    /// Keeps at most `limit` connections for each origin, each for at most `timeout`.
    init(limit: Int, timeout: Interval) {
        self.limit = limit
        self.timeout = timeout
    }

    /// Keeps a connection; returns the one to close in its place, if any.
    mutating func add(_ connection: Connection, to origin: Origin, now: Instant) -> Connection? {
        guard limit > 0 else { return connection }
        entries[origin, default: []].append(Entry(connection: connection, since: now))
        // The count is over `limit`, so there is a first one.
        return entries[origin, default: []].count > limit ? entries[origin]?.removeFirst().connection : nil
    }

    /// Removes and returns the most recently used connection to `origin`, unless it has expired.
    mutating func take(_ origin: Origin, now: Instant) -> Connection? {
        guard let last = entries[origin]?.last, now < last.since + timeout else { return nil }
        entries[origin]?.removeLast()
        if entries[origin]?.isEmpty ?? false { entries[origin] = nil }
        return last.connection
    }

    /// Removes and returns the expired connections, which the caller closes.
    mutating func takeExpired(now: Instant) -> [Connection] {
        var expired: [Connection] = []
        for (origin, list) in entries {
            let fresh = list.drop { now >= $0.since + timeout }
            expired += list.prefix(list.count - fresh.count).map(\.connection)
            entries[origin] = fresh.isEmpty ? nil : Array(fresh)
        }
        return expired
    }

    /// When the next connection expires.
    var nextExpiry: Instant? {
        entries.values.compactMap { $0.first.map { $0.since + timeout } }.min()
    }

    mutating func removeAll() {
        entries = [:]
    }

    var all: [Connection] { entries.values.flatMap { $0.map(\.connection) } }
}
