import FunctionCore
import Support
import Testing

@Suite("Writing server-sent events")
struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String {
        var bytes: [UInt8] = []
        event.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "each field takes one line, and data takes one for each of its lines",
        arguments: [
            (ServerSentEvent(data: ""), "data: \n\n"),
            (ServerSentEvent(data: "a"), "data: a\n\n"),
            (ServerSentEvent(data: " a: b"), "data:  a: b\n\n"),
            (ServerSentEvent(data: "a\nb\rc\r\nd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
            (ServerSentEvent(data: "\n\n\r\r\n"), "data: \ndata: \ndata: \ndata: \ndata: \n\n"),
            (ServerSentEvent(data: "e\u{301}\r\n😀\0"), "data: e\u{301}\ndata: 😀\0\n\n"),
            (
                ServerSentEvent(type: "done", data: "{}", id: "7", retry: 1000),
                "event: done\nid: 7\nretry: 1000\ndata: {}\n\n"
            ),
            (ServerSentEvent(type: " a:", data: "", id: ""), "event:  a:\nid: \ndata: \n\n"),
        ]
    )
    func written(event: ServerSentEvent, expected: String) {
        #expect(text(event) == expected)
    }

    @Test(
        "a field that a reader could not read back, or that would begin another field, is left out",
        arguments: [
            ServerSentEvent(type: "a\n\ndata: b", data: "x"), ServerSentEvent(type: "a\r", data: "x"),
            ServerSentEvent(type: "\r\n", data: "x"), ServerSentEvent(type: "", data: "x"),
            ServerSentEvent(data: "x", id: "a\nb"), ServerSentEvent(data: "x", id: "\r"),
            ServerSentEvent(data: "x", id: "1\r\n2"), ServerSentEvent(data: "x", id: "\0"),
            ServerSentEvent(data: "x", retry: -1),
        ]
    )
    func leftOut(event: ServerSentEvent) {
        #expect(text(event) == "data: x\n\n")
    }

    @Test(
        "a reconnection block is written without data",
        arguments: [
            (.init(id: "7"), "id: 7\n\n"), (.init(retry: 3000), "retry: 3000\n\n"),
            (.init(id: "", retry: 0), "id: \nretry: 0\n\n"), (.init(id: "a\ndata: b", retry: -1), "\n"),
        ] as [(ServerSentEvent.Reconnection, String)]
    )
    func reconnection(reconnection: ServerSentEvent.Reconnection, expected: String) {
        var bytes: [UInt8] = []
        reconnection.append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("a heartbeat is not an event")
    func heartbeat() throws {
        var parser = ServerSentEventParser()
        try expect(parser.feed(ServerSentEvent.heartbeat), is: [])
        try expect(parser.feed(Array("data: a\n\n".utf8)), is: [ServerSentEvent(data: "a")])
    }

    @Test(
        "a written event is read back the same, with line feeds between lines",
        arguments: ["", "a", " a", ":", "a\nb", "a\rb\r\nc\n", "\n", "\r\n\r\n", "\u{FEFF}", "data: x\n\n", "😀\0\t "]
    )
    func roundTrip(data: String) throws {
        let event = ServerSentEvent(type: " t:\0\u{FEFF}", data: data, id: " i", retry: .max)
        var bytes: [UInt8] = []
        for _ in 0..<3 { event.append(to: &bytes) }
        var expected = event
        expected.data = data.split(separator: /\r\n|\r|\n/, omittingEmptySubsequences: false).joined(separator: "\n")
        var parser = ServerSentEventParser()
        let read = try parser.feed(bytes)
        #expect(read.map(EventBytes.init) == Array(repeating: EventBytes(expected), count: 3))
    }
}
