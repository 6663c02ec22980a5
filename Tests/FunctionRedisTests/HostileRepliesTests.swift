import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// The parsers of topology replies get replies of any shape with any numbers, as from a server that lies.
@Suite struct HostileRepliesTests {
    private static let server = RedisURL.Endpoint.tcp(host: "10.0.0.1", port: 6379)
    private static let numbers = [
        Int.min, -65_536, -2, -1, 0, 1, 2, 100, 16_383, 16_384, 65_535, 65_536, 1 << 32, Int.max - 1, Int.max,
    ]
    private static let texts = [
        "", "?", "10.0.0.1", "::1", "h", "a b", "h\n", "master", "slave", "sentinel", "0", "6379", "65536", "-1", "+1",
        "99999999999999999999", "ip", "redis_version:7.0", "redis_version:-1.99999999999999999999",
        "redis_mode:cluster",
        "MOVED 16384 h:1", "MOVED -1 :0", "ASK 1 ::1:6379", "MOVED 1 h:99999999999", "MOVED 9223372036854775808 h:1",
        "a" + String(repeating: "\u{0316}\u{0301}", count: 100),
    ]

    private func text(_ generator: inout SeededGenerator) -> String {
        Self.texts.randomElement(using: &generator) ?? ""
    }

    private func reply(_ depth: Int, _ generator: inout SeededGenerator) -> RedisReply {
        switch Int.random(in: depth == 0 ? 0...4 : 0...8, using: &generator) {
        case 0: .integer(Self.numbers.randomElement(using: &generator) ?? 0)
        case 1: .string(Array(text(&generator).utf8))
        case 2: .error(RedisServerError(text(&generator)))
        case 3: .null
        case 4: .status(text(&generator))
        default: .array((0..<Int.random(in: 0...5, using: &generator)).map { _ in reply(depth - 1, &generator) })
        }
    }

    @Test("every reply is rejected or gives values within their bounds")
    func random() {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<20_000 {
            let reply = reply(3, &generator)
            if let slots = ClusterSlots(reply, from: Self.server) { check(slots) }
            _ = reply.role
            _ = reply.masterAddress
            _ = ServerVersion(reply)
            _ = reply.isOfCluster
            if let redirection = Redirection(RedisServerError(text(&generator)), from: Self.server) {
                #expect(0..<HashSlot.count ~= redirection.slot.number)
            }
        }
    }

    private func range(_ first: Int, _ last: Int, _ nodes: [(String, Int)] = [("h", 1)]) -> RedisReply {
        .array(
            [.integer(first), .integer(last)]
                + nodes.map { .array([.string(Array($0.0.utf8)), .integer($0.1)]) }
        )
    }

    private func check(_ slots: ClusterSlots) {
        #expect(slots.nodes.count <= HashSlot.count)
        #expect(slots.masters.isSubset(of: slots.nodes))
    }

    @Test("a range of slots is accepted only if it is ordered and within 0 to 16383")
    func ranges() {
        for first in Self.numbers {
            for last in Self.numbers {
                let isRange = 0 <= first && first <= last && last < HashSlot.count
                #expect((ClusterSlots(.array([range(first, last)]), from: Self.server) != nil) == isRange)
            }
        }
    }

    @Test("a server's address is accepted only if it can be connected to")
    func places() {
        for port in Self.numbers where !(1...65_535 ~= port) {
            #expect(ClusterSlots(.array([range(0, 1, [("h", port)])]), from: Self.server) == nil)
        }
        for host in ["a b", "h\n", "é", String(repeating: "a", count: 256)] {
            #expect(ClusterSlots(.array([range(0, 1, [(host, 1)])]), from: Self.server) == nil)
        }
    }

    @Test("many overlapping ranges are rejected, and many replicas are read in linear time")
    func overlaps() {
        let everything = RedisReply.array((0..<1000).map { _ in range(0, HashSlot.count - 1) })
        #expect(ClusterSlots(everything, from: Self.server) == nil)
        let replicas = (0..<100_000).map { ("10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)", 1) }
        let start = Instant.now
        let slots = ClusterSlots(.array([range(0, 1, [("h", 1)] + replicas)]), from: Self.server)
        #expect(slots?.nodes.count == HashSlot.count)
        #expect(Instant.now - start < .seconds(5) + LongRun.margin)
    }

    @Test("any number in the reply to WAIT means enough replicas or too few", arguments: numbers)
    func replicas(count: Int) {
        var state = ConnectionState<Int>(
            RedisURL(Self.server),
            durability: .init(replicas: 2, time: .milliseconds(10))
        )
        state.becomeConnected()
        _ = state.submit(1)
        state.askReplicas(now: ConnectionState<Int>.at(0))
        _ = state.received(.status("done"))
        switch state.received(.integer(count)).released?[1] {
        case .success(let reply): #expect(reply == .status("done") && count >= 2)
        case .failure(let error): #expect(error.reason == .notReplicated(max(0, count), of: 2) && count < 2)
        case nil: Issue.record("no reply")
        }
    }
}
