import Testing

@testable import FunctionRedis

@Suite struct HashSlotTests {
    // From CLUSTER KEYSLOT of Redis 7.0.
    @Test(
        "a key's slot comes from its checksum, or from that of the text in its first braces",
        arguments: [
            ("123456789", 12739), ("", 0), ("foo", 12182), ("{user1000}.following", 3443),
            ("{user1000}.followers", 3443),
            ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015), ("foo{bar}{zap}", 5061), ("st:orgs", 12931), ("{", 4092),
            ("}{", 12793),
        ]
    )
    func slots(key: String, slot: Int) {
        #expect(HashSlot(key.utf8).number == slot)
    }

    @Test("a command has the slot of its first key")
    func commands() {
        let get = RedisCommand("HGET", "foo", "bar")
        #expect(get.slot?.number == 12182)
        var evaluation = RedisCommand(evaluating: RedisScript(Array("return 1".utf8)), keyCount: 2)
        evaluation.append("{foo}:1")
        evaluation.append("{foo}:2")
        #expect(evaluation.slot?.number == 12182)
        #expect(RedisCommand("PING").slot == nil)
        var scan = RedisCommand("SCAN", besideKey: "foo")
        scan.append("0")
        #expect(scan.slot?.number == 12182)
    }
}
