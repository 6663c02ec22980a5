import FunctionCore
import FunctionEventLoop

/// How often a server has refused requests and closed connections for lack of room, since its start.
public struct Evictions: Hashable, Sendable {
    /// Requests refused because too many were in handlers.
    public internal(set) var overloaded = 0
    /// Requests refused because too many waited for their bodies.
    public internal(set) var bodies = 0
    /// Requests refused because bodies held too many bytes.
    public internal(set) var bytes = 0
    /// Idle connections closed to make room for others.
    public internal(set) var idle = 0
    /// Connections closed because their clients delayed a head, a body, a response or the close.
    public internal(set) var slow = 0
    /// Times that no connection could be accepted because descriptors or memory had run out.
    public internal(set) var shortages = 0
}

/// Carries out the decisions of ``Crowd``.
extension Server {
    /// Call when the connection begins to wait for its client.
    func waits(_ connection: Connection, as phase: Crowd.Phase) {
        guard crowd.phase(of: connection.place) != phase else { return }
        crowd.move(connection.place, to: phase, at: loop.now)
        if phase == .body, let place = crowd.bodyToEvict() {
            evictions.bodies += 1
            evict(place, .forBodies)
        }
        // All places are taken and a client waits to be accepted.
        if crowd.isFull, listener?.isWaitedFor == true { makeRoom(hasCome: false) }
    }

    /// Call when the connection no longer waits for its client.
    func goesOn(_ connection: Connection) {
        crowd.move(connection.place, to: .busy, at: loop.now)
    }

    /// Lets a handler have `count` more bytes of its request's body; other requests may be evicted for them.
    func take(_ count: Int, for connection: Connection) throws(Refusal) {
        while true {
            switch crowd.take(count, by: connection.place) {
            case .taken: return
            case .refused:
                evictions.bytes += 1
                throw Refusal(.overloaded, "bodies hold too many bytes")
            case .evict(let place):
                evictions.bytes += 1
                if place == connection.place { throw Connection.Eviction.forBodies.refusal }
                evict(place, .forBodies)
            }
        }
    }

    func makeRoom(hasCome: Bool) {
        while let (place, phase) = crowd.connectionToEvict(hasCome: hasCome) { makeRoom(place, phase) }
    }

    /// Makes room when descriptors have run out, whatever holds them.
    func makeRoomForDescriptors() {
        evictions.shortages += 1
        while let (place, phase) = crowd.connectionToEvictForDescriptors() { makeRoom(place, phase) }
    }

    private func makeRoom(_ place: Int, _ phase: Crowd.Phase) {
        guard let connection = connections[place] else { return }
        switch phase {
        case .idle:
            evictions.idle += 1
            connection.assumeIsolated { $0.endIdling() }
        case .closing:
            evictions.slow += 1
            connection.assumeIsolated { $0.socket.close() }
        case .head, .body, .response, .busy:
            evictions.slow += 1
            evict(place, .forConnections)
        }
    }

    private func evict(_ place: Int, _ eviction: Connection.Eviction) {
        connections[place]?.assumeIsolated { $0.evict(eviction) }
    }
}
