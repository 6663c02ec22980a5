import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("The entries of a log on Redis")
struct LoggedEventsTests {
    private static func entry(_ id: String, _ payload: [UInt8]) -> RedisReply {
        .array([.string(Array(id.utf8)), .array([.string([UInt8(ascii: "e")]), .string(payload)])])
    }

    @Test("are read as they were written, whatever is in them", arguments: UInt64(1)...20)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var number = 0
        let batches = (0..<10).map { _ in
            (0..<Int.random(in: 1...5, using: &random)).map { _ in
                number += 1
                let block = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                let front =
                    ["", "a", "1:2:", "!.:", String(repeating: "y", count: 256)].randomElement(using: &random) ?? ""
                return LoggedEvent(number: number, front: front, block: block, isEnd: Bool.random(using: &random))
            }
        }
        let entries = batches.map { Self.entry("1-\($0.last?.number ?? 0)", LoggedEvents.encode($0)) }
        let reply = RedisReply.array([Self.entry("1-0", [])] + entries + [Self.entry("2-0", [])])
        let all = batches.flatMap(\.self)
        for after in 0...number { #expect(LoggedEvents.read(reply, after: after) == Array(all.dropFirst(after))) }
    }

    @Test(
        "of another form are no events",
        arguments: [
            ("1-1", ".1:1:"), ("1-1", ".1:1:a"), ("1-1", ".:1:a"), ("1-1", ".1::a"), ("1-1", "x1:1:ab"), ("1-1", "."),
            ("1-1", ".1"), ("1-1", ".1:"), ("1-1", ".-1:1:a"), ("1-1", ".999999999999999999999:1:a"),
            ("1-1", ".0:999999999:a"), ("1-1", ".0:1:a.0:1:b"), ("1-0", ".0:1:a"), ("1", ".0:1:a"), ("1-", ".0:1:a"),
            ("1-x", ".0:1:a"), ("1-9999999999999999", ".0:1:a"), ("", ".0:1:a"),
        ]
    )
    func malformed(id: String, payload: String) {
        #expect(LoggedEvents.read(.array([Self.entry(id, Array(payload.utf8))]), after: 0) == nil)
    }

    @Test("are none in replies of another kind")
    func replies() {
        let entry = Self.entry("1-1", Array(".0:1:a".utf8))
        #expect(LoggedEvents.read(.array([entry]), after: 0)?.count == 1)
        for reply: RedisReply in [
            .null, .integer(1), .status("OK"), .string([]), .array([.null]), .array([.array([])]),
            .array([.array([.integer(1), .array([])])]), .array([.array([.string(Array("1-1".utf8)), .null])]),
            .array([.array([.string(Array("1-1".utf8)), .array([.string([101]), .integer(1)])])]),
        ] {
            #expect(LoggedEvents.read(reply, after: 0) == nil, "\(reply)")
        }
        #expect(LoggedEvents.read(.array([]), after: 0) == [])
    }
}
