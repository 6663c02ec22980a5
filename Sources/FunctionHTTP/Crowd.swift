package import FunctionEventLoop

/// What each connection of a server waits for, and since when: it decides who makes room when room runs short.
///
/// A value that does no I/O. A connection goes by its place, which is free again once it has left. Every operation takes
/// the same time however many connections there are, but for ``take(_:by:)`` where the budget is used up.
package struct Crowd {
    /// What a connection waits for. In a handler, or while a body is streamed to it, it is `busy`, and makes room for
    /// nobody.
    package enum Phase: Int, CaseIterable, Sendable {
        /// It was answered for the last time, and what its client still sends is thrown away.
        case closing
        /// Between two requests.
        case idle
        case head
        case body
        /// The client does not take a response that is there as a whole.
        case response
        case busy
    }

    package struct Limits: Sendable {
        /// Connections that may be open.
        package var connections: Int
        /// Requests that may be in a handler without waiting for their bodies.
        package var requests: Int
        /// Requests that may wait for their bodies.
        package var bodies: Int
        /// Bytes of bodies that handlers may hold.
        package var bytes: Int

        /// Room that is kept for new connections.
        var spare: Int { max(1, connections / 8) }

        package init(connections: Int, requests: Int, bodies: Int, bytes: Int) {
            self.connections = connections
            self.requests = requests
            self.bodies = bodies
            self.bytes = bytes
        }
    }

    /// What comes of bytes that a handler is to be given.
    package enum Taking: Hashable, Sendable {
        case taken
        /// The request at that place makes room, then it is to be asked again. It may be the one that asks.
        case evict(Int)
        /// Requests that have their bodies hold all that there may be.
        case refused
    }

    package let limits: Limits
    package private(set) var connections = 0
    /// Connections that were told to make room and are not gone yet.
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
        /// In its phase's queue.
        var isQueued = false
        /// Its request was admitted, and its handler is not through with it.
        var isHandled = false
        /// Counted in `requests`: handled, and not waiting for its body.
        var isRequest = false
    }

    /// Connections in one phase, from the one that has been in it longest.
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

    /// The connection waits for something else from now on; nothing changes if it does already. Who was told to make
    /// room does so, unless a request has come in its grace.
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

    /// Whether the connection's request may go to a handler.
    package mutating func admit(_ place: Int) -> Bool {
        guard requests < limits.requests else { return false }
        requests += 1
        entries[place].isHandled = true
        entries[place].isRequest = true
        return true
    }

    /// Whether the handler may go on now that its request's body is there.
    package mutating func readmit(_ place: Int) -> Bool {
        entries[place].isHandled && !entries[place].isRequest ? admit(place) : true
    }

    /// The handler is through with the request.
    package mutating func finish(_ place: Int) {
        endRequest(place)
        entries[place].isHandled = false
        bytes -= entries[place].bytes
        entries[place].bytes = 0
    }

    /// The request whose body has been waited for longest, if there are more than may wait; it is answered at once.
    package mutating func bodyToEvict() -> Int? {
        guard bodies > limits.bodies, let place = queues[Phase.body.rawValue].first else { return nil }
        evictBody(place)
        return place
    }

    /// Gives a handler `count` bytes of its request's body.
    package mutating func take(_ count: Int, by place: Int) -> Taking {
        guard bytes + count > limits.bytes else {
            bytes += count
            entries[place].bytes += count
            return .taken
        }
        // To end one that holds nothing would be of no use.
        var next = queues[Phase.body.rawValue].first
        while let candidate = next, entries[candidate].bytes == 0 { next = entries[candidate].next }
        guard let victim = next else { return .refused }
        evictBody(victim)
        return .evict(victim)
    }

    /// Who has to make room for a connection that has come, or, if none `hasCome`, for one that may wait to be accepted:
    /// who is closing, then who is idle, then who keeps a head, a body or a response waiting, the longest first.
    package mutating func connectionToEvict(hasCome: Bool) -> (place: Int, phase: Phase)? {
        let most = hasCome ? limits.connections - limits.spare : limits.connections - 1
        return connections - leaving > most ? evictConnection() : nil
    }

    /// Who makes room where descriptors have run out, however few connections there are.
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

    /// What it holds is let go as soon as its handler runs.
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

    /// Takes it out of its phase's queue, if it stands in one.
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
