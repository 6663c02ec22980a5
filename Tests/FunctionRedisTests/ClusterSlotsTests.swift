import Testing

@testable import FunctionRedis

@Suite struct ClusterSlotsTests {
    private static let server = RedisURL.Endpoint.tcp(host: "seed", port: 7000)

    private static func text(_ text: String) -> RedisReply { .string(Array(text.utf8)) }

    private static func node(_ host: RedisReply, _ port: Int, _ facts: RedisReply...) -> RedisReply {
        .array([host, .integer(port), text("id"), .array(facts)])
    }

    private func owner(_ slot: Int, in slots: ClusterSlots?) -> RedisURL.Endpoint? {
        HashSlot(number: slot).flatMap { slots?[$0] }
    }

    @Test("ranges of slots are read with their servers")
    func ranges() {
        let reply = RedisReply.array([
            .array([
                .integer(0), .integer(5460), Self.node(Self.text("10.0.0.1"), 7001), Self.node(Self.text("::1"), 7004),
            ]),
            .array([.integer(5461), .integer(16_382), Self.node(Self.text("10.0.0.2"), 7002)]),
        ])
        let slots = ClusterSlots(reply, from: Self.server)
        #expect(owner(0, in: slots) == .tcp(host: "10.0.0.1", port: 7001))
        #expect(owner(5460, in: slots) == .tcp(host: "10.0.0.1", port: 7001))
        #expect(owner(5461, in: slots) == .tcp(host: "10.0.0.2", port: 7002))
        #expect(owner(16_383, in: slots) == nil)
        #expect(slots?.masters == [.tcp(host: "10.0.0.1", port: 7001), .tcp(host: "10.0.0.2", port: 7002)])
        #expect(slots?.nodes.contains(.tcp(host: "::1", port: 7004)) == true)
    }

    @Test("a server of unknown address has the host that was asked, and the reported port")
    func unknownHost() {
        for host in [RedisReply.null, Self.text(""), Self.text("?")] {
            let reply = RedisReply.array([.array([.integer(0), .integer(9), Self.node(host, 7001)])])
            #expect(owner(9, in: ClusterSlots(reply, from: Self.server)) == .tcp(host: "seed", port: 7001))
        }
    }

    @Test("a server without a hostname has its IP address")
    func missingName() {
        let node = Self.node(Self.text("?"), 7001, Self.text("ip"), Self.text("10.0.0.7"))
        let slots = ClusterSlots(.array([.array([.integer(0), .integer(9), node])]), from: Self.server)
        #expect(owner(9, in: slots) == .tcp(host: "10.0.0.7", port: 7001))
    }

    @Test("a moved slot has its new server")
    func moved() throws {
        let reply = RedisReply.array([.array([.integer(0), .integer(9), Self.node(Self.text("a"), 1)])])
        var slots = try #require(ClusterSlots(reply, from: Self.server))
        try slots.assign(#require(HashSlot(number: 3)), to: .tcp(host: "b", port: 2))
        #expect(owner(3, in: slots) == .tcp(host: "b", port: 2))
        #expect(owner(2, in: slots) == .tcp(host: "a", port: 1))
        #expect(slots.masters.count == 2)
    }

    @Test(
        "a malformed reply is rejected",
        arguments: [
            RedisReply.null, .array([]), .status("OK"), .array([.integer(1)]),
            .array([.array([.integer(0), .integer(1)])]),
            .array([.array([.integer(0), .integer(16_384), node(text("h"), 1)])]),
            .array([.array([.integer(5), .integer(4), node(text("h"), 1)])]),
            .array([.array([.integer(-1), .integer(4), node(text("h"), 1)])]),
            .array([.array([.integer(0), .integer(4), node(text("h"), 0)])]),
            .array([.array([.integer(0), .integer(4), node(text("h"), 65_536)])]),
            .array([.array([.integer(0), .integer(4), .array([text("h")])])]),
            .array([.array([.integer(0), .integer(4), text("h")])]),
        ]
    )
    func refuses(reply: RedisReply) {
        #expect(ClusterSlots(reply, from: Self.server)?.masters == nil)
    }

    @Test(
        "a redirection is read",
        arguments: [
            ("MOVED 3999 10.0.0.1:6381", Redirection.Kind.moved, "10.0.0.1", 6381), ("ASK 3999 a.b:1", .ask, "a.b", 1),
            ("MOVED 3999 ::1:7000", .moved, "::1", 7000), ("MOVED 3999 :7000", .moved, "seed", 7000),
            ("ASK 3999 ?:7000", .ask, "seed", 7000),
        ] as [(String, Redirection.Kind, String, UInt16)]
    )
    func redirections(text: String, kind: Redirection.Kind, host: String, port: UInt16) {
        let redirection = Redirection(RedisServerError(text), from: Self.server)
        #expect(redirection?.kind == kind)
        #expect(redirection?.slot.number == 3999)
        #expect(redirection?.endpoint == .tcp(host: host, port: port))
    }

    @Test(
        "a text that is not a redirection is not read as one",
        arguments: [
            "MOVED", "MOVED 1", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:", "MOVED 1 h:0",
            "MOVED 1 h:65536", "MOVED 1 h:1 more", "ERR MOVED", "TRYAGAIN",
        ]
    )
    func noRedirection(text: String) {
        #expect(Redirection(RedisServerError(text), from: Self.server) == nil)
    }
}
