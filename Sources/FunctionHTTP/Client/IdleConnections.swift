import FunctionEventLoop

/// Connections that wait for a next request, by origin: a value without a clock. The one used last is taken first, so
/// that those which are not needed grow old.
struct IdleConnections<Connection: Sendable>: Sendable {
    private struct Entry: Sendable {
        let connection: Connection
        let since: Instant
    }

    private let limit: Int
    private let timeout: Interval
    /// Each origin's, the longest idle first; none without any.
    private var entries: [Origin: [Entry]] = [:]

    /// At most `limit` for each origin, and for at most `timeout`.
    init(limit: Int, timeout: Interval) {
        self.limit = limit
        self.timeout = timeout
    }

    /// Keeps a connection; answers the one that is to be closed for it, if any.
    mutating func add(_ connection: Connection, to origin: Origin, now: Instant) -> Connection? {
        guard limit > 0 else { return connection }
        entries[origin, default: []].append(Entry(connection: connection, since: now))
        // The count is over `limit`, so there is a first one.
        return entries[origin, default: []].count > limit ? entries[origin]?.removeFirst().connection : nil
    }

    /// Takes the connection to `origin` that was used last, if it is not too old.
    mutating func take(_ origin: Origin, now: Instant) -> Connection? {
        guard let last = entries[origin]?.last, now < last.since + timeout else { return nil }
        entries[origin]?.removeLast()
        if entries[origin]?.isEmpty ?? false { entries[origin] = nil }
        return last.connection
    }

    /// Takes those that have been idle for too long: they are to be closed.
    mutating func takeExpired(now: Instant) -> [Connection] {
        var expired: [Connection] = []
        for (origin, list) in entries {
            let fresh = list.drop { now >= $0.since + timeout }
            expired += list.prefix(list.count - fresh.count).map(\.connection)
            entries[origin] = fresh.isEmpty ? nil : Array(fresh)
        }
        return expired
    }

    /// When the next one will have been idle for too long.
    var nextExpiry: Instant? {
        entries.values.compactMap { $0.first.map { $0.since + timeout } }.min()
    }

    mutating func removeAll() {
        entries = [:]
    }

    var all: [Connection] { entries.values.flatMap { $0.map(\.connection) } }
}
