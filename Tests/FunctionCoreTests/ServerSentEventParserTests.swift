import FunctionCore
import Support
import Testing

@Suite("Reading server-sent events")
struct ServerSentEventParserTests {
    /// Streams and their events. The first four are the examples of the HTML standard, section 9.2.6.
    static let streams: [(text: String, events: [ServerSentEvent])] = [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [.init(data: "YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
            [.init(data: "first event", id: "1"), .init(data: "second event", id: "")]
        ),
        ("data\n\ndata\ndata\n\ndata:", [.init(data: ""), .init(data: "\n")]),
        ("data:test\n\ndata: test\n\n", [.init(data: "test"), .init(data: "test")]),
        ("data:a\r\rdata:b\r\n\r\ndata:c\n\rdata:d\r\n\n", "abcd".map { .init(data: String($0)) }),
        ("data:a\rdata:b\r\ndata:c\ndata:\r\n\r", [.init(data: "a\nb\nc\n")]),
        ("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n", [.init(data: "a")]),
        ("\n\u{FEFF}data: a\n\n", []),
        ("\u{FEFF}\u{FEFF}data: a\n\n", []),
        ("\u{FEFF}", []),
        ("event: a\ndata: 1\n\ndata: 2\n\n", [.init(type: "a", data: "1"), .init(data: "2")]),
        ("event: a\n\ndata: 1\n\n", [.init(data: "1")]),
        ("event: a\nevent: b\nevent\ndata: 1\n\n", [.init(data: "1")]),
        ("event: a\nevent:  b \ndata: 1\n\n", [.init(type: " b ", data: "1")]),
        ("event: message\ndata: 1\n\n", [.init(type: "message", data: "1")]),
        ("id: 1\n\ndata: a\n\n", [.init(data: "a")]),
        ("id: 1\nid: 2\0\nid:3 \ndata\n\n", [.init(data: "", id: "3 ")]),
        ("id: 1\nid: \0\ndata\n\n", [.init(data: "", id: "1")]),
        ("retry: 007\ndata\n\n", [.init(data: "", retry: 7)]),
        (
            "retry: 1\nretry: +2\nretry: 3.0\nretry:  4\nretry\nretry: 99999999999999999999\nretry: -5\ndata\n\n",
            [.init(data: "", retry: 1)]
        ),
        ("retry: ٣\ndata\n\n", [.init(data: "")]),
        ("Data: a\n data: a\ndata : a\ndat: a\ndatas: a\n:data: a\n\n", []),
        ("data:: a:b\n:\n: \ndata: :\n\n", [.init(data: ": a:b\n:")]),
        ("data: a\0b\n\n", [.init(data: "a\0b")]),
        ("\n\n\r\r\n", []), ("", []), ("data: a", []), ("data: a\n", []), ("data: a\n:", []),
    ]

    private func read(_ pieces: [ArraySlice<UInt8>]) throws(ServerSentEventParser.TooLong) -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        for piece in pieces { events += try parser.feed(Array(piece)) }
        return events
    }

    @Test("events are read according to the standard, wherever the stream is split", arguments: streams)
    func splits(text: String, events: [ServerSentEvent]) throws {
        let bytes = Array(text.utf8)
        let expected = events.map(EventBytes.init)
        try expect(read([bytes[...]]).map(EventBytes.init), is: expected)
        for position in bytes.indices {
            let pieces = [bytes[..<position], [], bytes[position...]]
            try expect(read(pieces).map(EventBytes.init), is: expected, "split at \(position)")
        }
        try expect(read(bytes.indices.map { bytes[$0...$0] }).map(EventBytes.init), is: expected)
    }

    @Test("a block without data is a reconnection, wherever the stream is split")
    func blocks() throws {
        let text = "retry: 3000\n\n: a\n\nevent: a\n\nid: 7\r\n\r\ndata: b\nid\n\nid\nretry:1\n\nretry: 2\n"
        let bytes = Array(text.utf8)
        let expected: [ServerSentEventParser.Block] = [
            .reconnection(.init(retry: 3000)), .reconnection(.init(id: "7")),
            .event(ServerSentEvent(data: "b", id: "")), .reconnection(.init(id: "", retry: 1)),
        ]
        for position in bytes.indices {
            var parser = ServerSentEventParser()
            let blocks = try parser.blocks(Array(bytes[..<position])) + parser.blocks(Array(bytes[position...]))
            #expect(blocks == expected, "split at \(position)")
        }
    }

    @Test("blocks before one that is too long are returned first")
    func blocksBeforeTooLong() throws {
        var parser = ServerSentEventParser(limit: 10)
        let blocks = try parser.blocks(Array("data: a\n\nid: 1\n\ndata: 0123456789\n\ndata: b\n\n".utf8))
        #expect(blocks == [.event(ServerSentEvent(data: "a")), .reconnection(.init(id: "1"))])
        #expect(throws: ServerSentEventParser.TooLong.self) { try parser.blocks([]) }
    }

    @Test("invalid UTF-8 becomes U+FFFD and swallows no line end", arguments: 0...13)
    func notUTF8(position: Int) throws {
        let bytes: [UInt8] = Array("data:".utf8) + [0xFF, 0x61, 0xC3, 0x0A, 0xE2, 0x82, 0x0A] + Array("\n".utf8)
        let events = try read([bytes[..<position], bytes[position...]])
        #expect(events == [ServerSentEvent(data: "\u{FFFD}a\u{FFFD}")])
    }

    @Test("an event is returned as soon as its blank line has come")
    func atOnce() throws {
        var parser = ServerSentEventParser()
        try expect(parser.feed(Array("data: a\r\n\r".utf8)), is: [ServerSentEvent(data: "a")])
        try expect(parser.feed(Array("\ndata: b\n".utf8)), is: [])
        try expect(parser.feed(Array("\n".utf8)), is: [ServerSentEvent(data: "b")])
    }

    @Test(
        "a line or an event's data over the limit is refused, wherever it is split",
        arguments: [
            ("data:6789a\n\n", false), ("data:6789ab\n\n", true), (":23456789a\n\n", false),
            (":23456789ab", true),
            ("data:12345\ndata:1234\n\n", false), ("data:12345\ndata:12345\n\n", true),
            ("data:12345\n\ndata:12345\n\n", false), ("data\ndata\ndata\ndata\ndata\ndata\ndata\n\n", false),
            (String(repeating: "data\n", count: 11), false), (String(repeating: "data\n", count: 12), true),
        ]
    )
    func tooLong(text: String, expected: Bool) {
        let bytes = Array(text.utf8)
        func isRefused(_ pieces: [ArraySlice<UInt8>]) -> Bool {
            var parser = ServerSentEventParser(limit: 10)
            for piece in pieces {
                guard (try? parser.feed(Array(piece))) != nil else {
                    return (try? parser.feed([])) == nil
                }
            }
            return false
        }
        for position in bytes.indices {
            #expect(isRefused([bytes[..<position], bytes[position...]]) == expected, "split at \(position)")
        }
        #expect(isRefused(bytes.indices.map { bytes[$0...$0] }) == expected)
    }

    @Test("the limit is 1 MiB")
    func limit() throws {
        var parser = ServerSentEventParser()
        let line = Array("data:".utf8) + Array(repeating: UInt8(ascii: "a"), count: (1 << 20) - 5)
        try expect(parser.feed(line + Array("\n\n".utf8)).first?.data.utf8.count, is: (1 << 20) - 5)
        let error = #expect(throws: ServerSentEventParser.TooLong.self) { try parser.feed(line + [0x61]) }
        #expect(error?.limit == 1 << 20)
    }
}
