import Support
import Testing

@testable import FunctionRedis

@Suite struct ReplyReaderTests {
    /// The replies that the reader reads from `pieces`, fed one after the other.
    private func read(_ pieces: [some Collection<UInt8>]) throws(RedisProtocolError) -> [RedisReply] {
        var reader = ReplyReader()
        var replies: [RedisReply] = []
        for piece in pieces {
            Array(piece).withUnsafeBytes { reader.feed($0) }
            while let reply = try reader.next() { replies.append(reply) }
        }
        return replies
    }

    private static let everyKind =
        "+OK\r\n-ERR no\r\n:42\r\n:-9223372036854775808\r\n$3\r\na\r\n\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n+\r\n"
        + "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n-OOM full\r\n*1\r\n*1\r\n*1\r\n+deep\r\n:7\r\n"
    private static let everyReply: [RedisReply] = [
        .status("OK"), .error(RedisServerError("ERR no")), .integer(42), .integer(.min), .string(Array("a\r\n".utf8)),
        .string([]), .null, .null, .array([]), .status(""),
        .array([.integer(1), .array([.string([0x78]), .array([])]), .error(RedisServerError("OOM full"))]),
        .array([.array([.array([.status("deep")])])]), .integer(7),
    ]

    @Test("every kind of reply is read from one piece")
    func whole() throws {
        try expect(read([Array(Self.everyKind.utf8)]), is: Self.everyReply)
    }

    @Test("every split into two pieces gives the same replies")
    func twoPieces() throws {
        let bytes = Array(Self.everyKind.utf8)
        for split in 0...bytes.count {
            try expect(read([bytes[..<split], bytes[split...]]), is: Self.everyReply, "split at \(split)")
        }
    }

    @Test("every split into three pieces gives the same replies")
    func threePieces() throws {
        let bytes = Array("*2\r\n$2\r\nab\r\n*2\r\n:12\r\n-E x\r\n+k\r\n".utf8)
        let whole = try read([bytes])
        for first in 0...bytes.count {
            for second in first...bytes.count {
                try expect(read([bytes[..<first], bytes[first..<second], bytes[second...]]), is: whole)
            }
        }
    }

    @Test("byte after byte gives the same replies")
    func singleBytes() throws {
        try expect(read(Self.everyKind.utf8.map { [$0] }), is: Self.everyReply)
    }

    @Test(
        "invalid bytes are rejected",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "x", "\r\n", ":\r\n", ":1x\r\n", ":9223372036854775808\r\n", "$x\r\n",
            "$-2\r\n", "*-2\r\n", "*1x\r\n", "*9999999999\r\n", "$1\r\nabc\r\n", "*2\r\n:1\r\n?\r\n", "%1\r\n", "_\r\n",
            "$1\r\na\n\r\n", "$0\r\nx\r\n",
        ]
    )
    func malformed(text: String) {
        let error = #expect(throws: RedisProtocolError.self) { try read([Array(text.utf8)]) }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "a reply that announces more than a million elements is rejected at once",
        arguments: ["*2147483647\r\n", "*1000001\r\n", "*2\r\n*1\r\n:1\r\n*999999\r\n", "*999999\r\n*2\r\n"]
    )
    func elements(text: String) {
        #expect(throws: RedisProtocolError.tooManyElements) { try read([Array(text.utf8)]) }
    }

    @Test("a million elements are read")
    func million() throws {
        let text = "*1000000\r\n" + String(repeating: ":1\r\n", count: 1_000_000)
        try expect(read([Array(text.utf8)]), is: [.array(Array(repeating: .integer(1), count: 1_000_000))])
    }

    @Test("seven nested arrays are read, nine are rejected")
    func depth() throws {
        try expect(read([Array((String(repeating: "*1\r\n", count: 7) + ":1\r\n").utf8)]).count, is: 1)
        #expect(throws: RedisProtocolError.self) {
            try read([Array((String(repeating: "*1\r\n", count: 9) + ":1\r\n").utf8)])
        }
    }

    @Test("a reply over 64 MiB is rejected")
    func size() {
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        let pieces = [Array("$999999999\r\n".utf8)] + Array(repeating: piece, count: 64)
        #expect(throws: RedisProtocolError.tooLarge) { try read(pieces) }
    }

    @Test("a line without an end is rejected", arguments: ["+", "-", ":", "*", "$", "*2\r\n+"])
    func line(start: String) {
        let text = start + String(repeating: "1", count: ReplyReader.maximumLineBytes + 1)
        #expect(throws: RedisProtocolError.lineTooLong) { try read([Array(text.utf8)]) }
    }

    @Test("a string of a megabyte is read from pieces")
    func longString() throws {
        let string = [UInt8](repeating: 0x61, count: 1 << 20)
        let bytes = Array("$\(string.count)\r\n".utf8) + string + Array("\r\n".utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 65_536).map { bytes[$0..<min($0 + 65_536, bytes.count)] }
        try expect(read(pieces), is: [.string(string)])
    }

    @Test("after an error, the reader throws it again")
    func remains() {
        var reader = ReplyReader()
        Array("?".utf8).withUnsafeBytes { reader.feed($0) }
        #expect(throws: RedisProtocolError.self) { try reader.next() }
        Array("+OK\r\n".utf8).withUnsafeBytes { reader.feed($0) }
        #expect(throws: RedisProtocolError.self) { try reader.next() }
    }

    @Test(
        "an error's code is its first word",
        arguments: [("OOM command not allowed", "OOM", true), ("ERR x", "ERR", false), ("LOADING", "LOADING", true)]
    )
    func code(text: String, code: String, precedesExecution: Bool) {
        let error = RedisServerError(text)
        #expect(error.code == code)
        #expect(error.precedesExecution == precedesExecution)
    }
}
