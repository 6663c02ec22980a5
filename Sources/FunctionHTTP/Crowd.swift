package import FunctionEventLoop

/// Tracks what each connection of a server waits for, and since when, to decide which one makes room for others.
///
/// A value without I/O. A connection is identified by its place, which is reused after it has left. Every operation
/// takes constant time, except ``take(_:by:)`` when the budget is used up.
package struct Crowd {
    /// What a connection waits for. In a handler, and while a body is streamed to its client, it is `busy` and never
    /// makes room.
    package enum Phase: Int, CaseIterable, Sendable {
        /// The last response was sent; further input is discarded.
        case closing
        /// Between two requests.
        case idle
        case head
        case body
        /// The client does not take a response whose body is complete.
        case response
        case busy
    }

    package struct Limits: Sendable {
        /// Maximum number of open connections.
        package var connections: Int
        /// Maximum number of requests in handlers, not counting those that wait for their bodies.
        package var requests: Int
        /// Maximum number of requests that wait for their bodies.
        package var bodies: Int
        /// Maximum number of bytes of bodies that handlers hold.
        package var bytes: Int

        /// Places kept free for new connections.
        var spare: Int { max(1, connections / 8) }

        package init(connections: Int, requests: Int, bodies: Int, bytes: Int) {
            self.connections = connections
            self.requests = requests
            self.bodies = bodies
            self.bytes = bytes
        }
    }

    /// Whether a handler may be given more bytes of a body.
    package enum Taking: Hashable, Sendable {
        case taken
        /// The request at this place must make room; then ask again. It may be the request that asks.
        case evict(Int)
        /// Requests that have their whole bodies use up the budget; they are never evicted.
        case refused
    }

    package let limits: Limits
    package private(set) var connections = 0
    /// Connections that must make room and have not left yet.
    package private(set) var leaving = 0
    package private(set) var requests = 0
    package private(set) var bytes = 0
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var queues = InlineArray<5, Queue>(repeating: Queue())

    private struct Entry {
        var phase = Phase.busy
        var since = Instant(nanoseconds: 0)
        var bytes = 0
        var previous: Int?
        var next: Int?
        var isLeaving = false
        /// Whether it is in its phase's queue.
        var isQueued = false
        /// Whether its request was admitted and the handler has not finished.
        var isHandled = false
        /// Whether it is counted in `requests`: handled, and not waiting for its body.
        var isRequest = false
    }

    /// The connections in one phase; the first has been in it longest.
    private struct Queue {
        var first: Int?
        var last: Int?
        var count = 0
    }

    package init(_ limits: Limits) {
        self.limits = limits
    }

    /// Requests that wait for their bodies.
    package var bodies: Int { queues[Phase.body.rawValue].count }

    package var isFull: Bool { connections >= limits.connections }

    package func phase(of place: Int) -> Phase { entries[place].phase }

    package mutating func enter() -> Int {
        connections += 1
        if let place = free.popLast() {
            entries[place] = Entry()
            return place
        }
        entries.append(Entry())
        return entries.count - 1
    }

    package mutating func leave(_ place: Int) {
        finish(place)
        unlink(place)
        if entries[place].isLeaving { leaving -= 1 }
        connections -= 1
        free.append(place)
    }

    /// Moves the connection to `phase`; does nothing if it is already there. A connection that must make room is not
    /// moved, unless it was idle: then a request arrived within its grace period, and it stays.
    package mutating func move(_ place: Int, to phase: Phase, at now: Instant) {
        guard entries[place].phase != phase else { return }
        if entries[place].isLeaving {
            guard entries[place].phase == .idle else { return }
            entries[place].isLeaving = false
            leaving -= 1
        }
        unlink(place)
        entries[place].phase = phase
        entries[place].since = now
        link(place)
        if phase == .body { endRequest(place) }
    }

    /// Whether the connection's request may go to a handler. It then counts as in flight.
    package mutating func admit(_ place: Int) -> Bool {
        guard requests < limits.requests else { return false }
        requests += 1
        entries[place].isHandled = true
        entries[place].isRequest = true
        return true
    }

    /// Whether the handler may continue once its request's body has arrived. The request then counts as in flight
    /// again.
    package mutating func readmit(_ place: Int) -> Bool {
        entries[place].isHandled && !entries[place].isRequest ? admit(place) : true
    }

    /// Call when the handler has finished with the request.
    package mutating func finish(_ place: Int) {
        endRequest(place)
        entries[place].isHandled = false
        bytes -= entries[place].bytes
        entries[place].bytes = 0
    }

    /// Evicts the request that has waited longest for its body if too many wait; the caller refuses it at once.
    package mutating func bodyToEvict() -> Int? {
        guard bodies > limits.bodies, let place = queues[Phase.body.rawValue].first else { return nil }
        evictBody(place)
        return place
    }

    /// Counts `count` more bytes of a request's body as held by its handler.
    package mutating func take(_ count: Int, by place: Int) -> Taking {
        if takes(count, by: place) { return .taken }
        // Evicting a request that holds no bytes would free nothing.
        var next = queues[Phase.body.rawValue].first
        while let candidate = next, entries[candidate].bytes == 0 { next = entries[candidate].next }
        guard let victim = next else { return .refused }
        evictBody(victim)
        return .evict(victim)
    }

    /// As ``take(_:by:)``, but does nothing and returns false if another request would have to make room.
    package mutating func takes(_ count: Int, by place: Int) -> Bool {
        guard bytes + count <= limits.bytes else { return false }
        bytes += count
        entries[place].bytes += count
        return true
    }

    /// The connection that must make room for a new one, which `hasCome` or may be waiting to be accepted. Closing
    /// connections go first, then idle ones, then those that wait for a head, a body or a response; within each group
    /// the one that has waited longest.
    package mutating func connectionToEvict(hasCome: Bool) -> (place: Int, phase: Phase)? {
        let limit = hasCome ? limits.connections - limits.spare : limits.connections - 1
        return connections - leaving > limit ? evictConnection() : nil
    }

    /// The connection that must make room when descriptors have run out, however few connections there are.
    package mutating func connectionToEvictForDescriptors() -> (place: Int, phase: Phase)? {
        leaving < limits.spare ? evictConnection() : nil
    }

    private mutating func evictConnection() -> (place: Int, phase: Phase)? {
        let first =
            queues[Phase.closing.rawValue].first ?? queues[Phase.idle.rawValue].first
            ?? [Phase.head, .body, .response].compactMap { queues[$0.rawValue].first }
            .min { entries[$0].since < entries[$1].since }
        guard let place = first else { return nil }
        unlink(place)
        entries[place].isLeaving = true
        leaving += 1
        return (place, entries[place].phase)
    }

    private mutating func endRequest(_ place: Int) {
        guard entries[place].isRequest else { return }
        entries[place].isRequest = false
        requests -= 1
    }

    /// Its bytes no longer count: the handler lets go of them as soon as it runs.
    private mutating func evictBody(_ place: Int) {
        unlink(place)
        entries[place].phase = .busy
        finish(place)
    }

    private mutating func link(_ place: Int) {
        let phase = entries[place].phase
        guard phase != .busy else { return }
        entries[place].isQueued = true
        let last = queues[phase.rawValue].last
        entries[place].previous = last
        if let last { entries[last].next = place } else { queues[phase.rawValue].first = place }
        queues[phase.rawValue].last = place
        queues[phase.rawValue].count += 1
    }

    /// Removes it from its phase's queue, if it is in one.
    private mutating func unlink(_ place: Int) {
        let entry = entries[place]
        guard entry.isQueued else { return }
        let (queue, previous, next) = (entry.phase.rawValue, entry.previous, entry.next)
        if let previous { entries[previous].next = next } else { queues[queue].first = next }
        if let next { entries[next].previous = previous } else { queues[queue].last = previous }
        queues[queue].count -= 1
        entries[place].isQueued = false
        entries[place].previous = nil
        entries[place].next = nil
    }
}
