import FunctionEventLoop
import FunctionHTTP
import Support
import Testing

@Suite("Which connections make room on a server")
struct CrowdTests {
    @Test("if too many requests wait for bodies, the one that has waited longest is evicted, never the new one")
    func bodies() {
        var crowd = Crowd(.of(bodies: 2))
        let places = (0..<3).map { _ in crowd.enter() }
        for (time, place) in places.enumerated() {
            #expect(crowd.admit(place) == true)
            crowd.move(place, to: .body, at: Instant(nanoseconds: Int64(time)))
            #expect(crowd.requests == 0, "a request that waits for its body is not in flight")
            #expect(crowd.bodyToEvict() == (time == 2 ? places[0] : nil))
        }
        #expect(crowd.bodies == 2)
    }

    @Test("a request whose body has arrived counts again, and is refused if too many are in flight")
    func readmission() {
        var crowd = Crowd(.of(requests: 1))
        let (first, second) = (crowd.enter(), crowd.enter())
        #expect(crowd.admit(first) == true)
        #expect(crowd.admit(second) == false)
        crowd.move(first, to: .body, at: .now)
        #expect(crowd.admit(second) == true)
        #expect(crowd.readmit(first) == false)
        crowd.finish(second)
        #expect(crowd.readmit(first) == true)
        #expect(crowd.readmit(first) == true, "it counts only once")
        crowd.finish(first)
        #expect(crowd.requests == 0)
        #expect(crowd.readmit(first) == true)
        #expect(crowd.requests == 0, "a request whose handler has finished no longer counts")
    }

    @Test("over the byte budget, the longest waiting request with bytes is evicted; if there is none, new bytes fail")
    func bytes() {
        var crowd = Crowd(.of(bytes: 10))
        let places = (0..<3).map { _ in crowd.enter() }
        for (time, place) in places.enumerated() {
            #expect(crowd.admit(place) == true)
            crowd.move(place, to: .body, at: Instant(nanoseconds: Int64(time)))
        }
        #expect(crowd.take(6, by: places[1]) == .taken)
        #expect(crowd.takes(5, by: places[2]) == false)
        #expect(crowd.take(5, by: places[2]) == .evict(places[1]))
        #expect(crowd.take(5, by: places[2]) == .taken)
        #expect(crowd.readmit(places[2]) == true)
        crowd.move(places[2], to: .busy, at: .now)
        #expect(crowd.take(6, by: places[0]) == .refused)
        crowd.finish(places[2])
        #expect(crowd.take(6, by: places[0]) == .taken)
        #expect(crowd.takes(4, by: places[0]) == true)
        #expect(crowd.bytes == 10)
    }

    @Test("connections that wait for their clients make room in the order of the phases; busy ones never do")
    func order() {
        var crowd = Crowd(.of(connections: 8))
        let phases: [Crowd.Phase] = [.busy, .response, .head, .body, .idle, .idle, .closing]
        for (time, phase) in phases.enumerated() {
            crowd.move(crowd.enter(), to: phase, at: Instant(nanoseconds: Int64(time)))
        }
        var gone: [Int] = []
        #expect(crowd.connectionToEvict(hasCome: true) == nil, "there is room")
        for _ in 0..<8 {
            _ = crowd.enter()
            while let next = crowd.connectionToEvict(hasCome: true) { gone.append(next.place) }
        }
        #expect(gone == [6, 4, 5, 1, 2, 3])
    }

    @Test("a request in the idle grace period keeps its connection open, and another connection is closed")
    func idleGrace() {
        var crowd = Crowd(.of(connections: 2))
        let (first, second) = (crowd.enter(), crowd.enter())
        crowd.move(first, to: .idle, at: .now)
        crowd.move(second, to: .idle, at: .now)
        #expect(crowd.connectionToEvict(hasCome: false)?.place == first)
        #expect(crowd.connectionToEvict(hasCome: false) == nil)
        crowd.move(first, to: .busy, at: .now)
        #expect(crowd.connectionToEvict(hasCome: false)?.place == second)
    }

    @Test("random operations give the same decisions as a simple model", arguments: 0..<(LongRun.isOn ? 400 : 40))
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limits = Crowd.Limits(
            connections: .random(in: 1...20, using: &random),
            requests: .random(in: 1...8, using: &random),
            bodies: .random(in: 1...6, using: &random),
            bytes: .random(in: 10...60, using: &random)
        )
        var crowd = Crowd(limits)
        var model = CrowdModel(limits)
        for time in 0..<600 {
            model.now = time
            let place = model.clients.keys.sorted().randomElement(using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                let place = crowd.enter()
                #expect(model.clients[place] == nil, "a place belongs to one connection")
                model.clients[place] = CrowdModel.Client()
            case 2:
                guard let place else { continue }
                crowd.leave(place)
                model.clients[place] = nil
            case 3, 4, 5:
                guard let place, let phase = Crowd.Phase.allCases.randomElement(using: &random) else { continue }
                crowd.move(place, to: phase, at: Instant(nanoseconds: Int64(time)))
                model.move(place, to: phase)
                let (found, expected) = (crowd.bodyToEvict(), model.bodyToEvict())
                #expect(found == expected)
            case 6:
                guard let place, model.clients[place]?.isHandled == false else { continue }
                let (found, expected) = (crowd.admit(place), model.admit(place))
                #expect(found == expected)
            case 7:
                guard let place else { continue }
                if Bool.random(using: &random) {
                    crowd.finish(place)
                    model.finish(place)
                } else {
                    let (found, expected) = (crowd.readmit(place), model.readmit(place))
                    #expect(found == expected)
                }
            case 8:
                guard let place else { continue }
                let count = Int.random(in: 1...10, using: &random)
                let (found, expected) = (crowd.take(count, by: place), model.take(count, by: place))
                #expect(found == expected)
            default:
                let hasCome = Bool.random(using: &random)
                let found = crowd.connectionToEvict(hasCome: hasCome)?.place
                let expected = model.connectionToEvict(hasCome: hasCome)
                #expect(found == expected)
            }
            #expect(crowd.connections == model.clients.count)
            #expect(crowd.requests == model.requests)
            #expect(crowd.bodies == model.bodies.count)
            #expect(crowd.bytes == model.bytes)
            #expect(crowd.leaving == model.leaving)
        }
    }
}

/// The same rules, implemented by searching all connections.
private struct CrowdModel {
    struct Client {
        var phase = Crowd.Phase.busy
        var since = 0
        var bytes = 0
        var isLeaving = false
        var isHandled = false
        var isRequest = false
    }

    let limits: Crowd.Limits
    var clients: [Int: Client] = [:]
    var now = 0

    init(_ limits: Crowd.Limits) {
        self.limits = limits
    }

    var requests: Int { clients.values.count(where: \.isRequest) }
    var bytes: Int { clients.values.reduce(0) { $0 + $1.bytes } }
    var leaving: Int { clients.values.count(where: \.isLeaving) }
    var bodies: [Int] { waiting([.body]) }

    private func waiting(_ phases: [Crowd.Phase]) -> [Int] {
        clients.filter { !$0.value.isLeaving && phases.contains($0.value.phase) }
            .sorted { $0.value.since < $1.value.since }.map(\.key)
    }

    private mutating func change(_ place: Int, _ body: (inout Client) -> Void) {
        guard var client = clients[place] else { return }
        body(&client)
        clients[place] = client
    }

    mutating func move(_ place: Int, to phase: Crowd.Phase) {
        change(place) { [now] in
            guard $0.phase != phase, !$0.isLeaving || $0.phase == .idle else { return }
            $0.isLeaving = false
            $0.phase = phase
            $0.since = now
            if phase == .body { $0.isRequest = false }
        }
    }

    mutating func admit(_ place: Int) -> Bool {
        guard requests < limits.requests else { return false }
        change(place) {
            $0.isHandled = true
            $0.isRequest = true
        }
        return true
    }

    mutating func readmit(_ place: Int) -> Bool {
        guard let client = clients[place], client.isHandled, !client.isRequest else { return true }
        return admit(place)
    }

    mutating func finish(_ place: Int) {
        change(place) {
            $0.isHandled = false
            $0.isRequest = false
            $0.bytes = 0
        }
    }

    private mutating func evictBody(_ place: Int) {
        change(place) { $0.phase = .busy }
        finish(place)
    }

    mutating func bodyToEvict() -> Int? {
        guard bodies.count > limits.bodies, let place = bodies.first else { return nil }
        evictBody(place)
        return place
    }

    mutating func take(_ count: Int, by place: Int) -> Crowd.Taking {
        if bytes + count <= limits.bytes {
            change(place) { $0.bytes += count }
            return .taken
        }
        guard let victim = bodies.first(where: { (clients[$0]?.bytes ?? 0) > 0 }) else { return .refused }
        evictBody(victim)
        return .evict(victim)
    }

    mutating func connectionToEvict(hasCome: Bool) -> Int? {
        let limit = hasCome ? limits.connections - max(1, limits.connections / 8) : limits.connections - 1
        guard clients.count - leaving > limit,
            let place = waiting([.closing]).first ?? waiting([.idle]).first ?? waiting([.head, .body, .response]).first
        else { return nil }
        change(place) { $0.isLeaving = true }
        return place
    }
}

extension Crowd.Limits {
    fileprivate static func of(
        connections: Int = 100,
        requests: Int = 100,
        bodies: Int = 100,
        bytes: Int = 1 << 20
    ) -> Self {
        Self(connections: connections, requests: requests, bodies: bodies, bytes: bytes)
    }
}
