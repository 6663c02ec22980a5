import FunctionCore
import Support
import Testing

@testable import FunctionHTTP

@Suite("Accepted requests")
struct RequestParserTests {
    private func onlyMessage(_ text: String) throws -> Transcript.Message {
        let transcript = Transcript(text)
        #expect(transcript.error == nil)
        #expect(transcript.isIdle)
        let message = try #require(transcript.messages.first)
        #expect(transcript.messages.count == 1)
        #expect(message.isComplete)
        return message
    }

    @Test("the request line and the fields are kept as received, names in lower case")
    func simple() throws {
        let head = try onlyMessage(
            "GET /api/v1/token?ttl=60&x=%20 HTTP/1.1\r\nHost: example.com:8080\r\nX-One:  a b\t \r\nx-one:\r\n\r\n"
        ).head
        #expect(head.method == .get)
        #expect(head.path == "/api/v1/token")
        #expect(head.query == "ttl=60&x=%20")
        #expect(head.version == .http11)
        #expect(head.headers == ["host": "example.com:8080", "x-one": "a b", "x-one": ""])
        #expect(head.framing == .none)
        #expect(head.keepAlive)
        #expect(!head.expectsContinue)
    }

    @Test(
        "the target is split at its first question mark and not decoded",
        arguments: [
            ("/", "/", nil), ("/a%2Fb//c;d", "/a%2Fb//c;d", nil), ("/?", "/", ""), ("/a?b?c/d", "/a", "b?c/d"),
            ("/a?{\"", nil, nil), ("/a?v={x}|[1]\\^`", "/a", "v={x}|[1]\\^`"), ("/a?100%", "/a", "100%"),
            ("http://h", "/", nil), ("http://h?q", "/", "q"), ("HTTPS://h:1/p?q", "/p", "q"),
            ("http://[::1]:80/", "/", nil),
        ] as [(String, String?, String?)]
    )
    func target(target: String, path: String?, query: String?) throws {
        let transcript = Transcript("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(transcript.messages.first?.head.path == path)
        #expect(transcript.messages.first?.head.query == query)
        #expect((transcript.error == nil) == (path != nil))
    }

    @Test("the host of a target in absolute form replaces the field")
    func absoluteForm() throws {
        let head = try onlyMessage("GET http://b:81/x HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n").head
        #expect(head.headers == ["host": "b:81", "x": "1"])
        try expect(onlyMessage("GET http://b/x HTTP/1.0\r\n\r\n").head.headers, is: ["host": "b"])
    }

    @Test("OPTIONS accepts the target *")
    func asterisk() throws {
        try expect(onlyMessage("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").head.path, is: "*")
    }

    @Test("octets above 127 in a value become the scalars of the same number")
    func obsoleteText() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: caf".utf8) + [0xE9, 0xFF, 0x80] + Array("!\r\n\r\n".utf8)
        #expect(Transcript(of: [bytes[...]]).messages.first?.head.headers["x"]?.string == "caf\u{E9}\u{FF}\u{80}!")
    }

    @Test("names and values of any length are kept", arguments: [1, 15, 16, 17, 300])
    func lengths(length: Int) throws {
        let text = String(repeating: "Q", count: length)
        let head = try onlyMessage(get("\(text): \(text)")).head
        #expect(head.headers.fields.last?.name.string == text.lowercased())
        #expect(head.headers.fields.last?.value.string == text)
    }

    @Test(
        "version and Connection decide whether the connection persists",
        arguments: [
            ("1.1", "X: y", true), ("1.1", "Connection: close", false), ("1.1", "Connection: Keep-Alive", true),
            ("1.1", "Connection: x, CLOSE ,", false), ("1.1", "Connection: closed", true),
            ("1.1", "Connection: keep-alive\r\nConnection: close", false),
            ("1.0", "X: y", false), ("1.0", "Connection: keep-alive", true),
            ("1.0", "Connection: ,keep-alive,close", false),
        ]
    )
    func persistence(version: String, line: String, keepAlive: Bool) throws {
        try expect(onlyMessage("GET / HTTP/\(version)\r\nHost: a\r\n\(line)\r\n\r\n").head.keepAlive, is: keepAlive)
    }

    @Test(
        "100-continue counts only if there is content and the version supports it",
        arguments: [
            ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", true),
            (chunked("").replacing("Host: a", with: "Host: a\r\nexpect: 100-continue") + "0\r\n\r\n", true),
            ("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", false),
            (get("Expect: 100-continue"), false), (get("Expect: 100-continue", "Content-Length: 0"), false),
        ]
    )
    func expectation(text: String, expected: Bool) throws {
        try expect(onlyMessage(text).head.expectsContinue, is: expected)
    }

    @Test(
        "content is framed by its length or by chunks",
        arguments: [
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", .length(5), "hello"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\nhello", .length(5), "hello"),
            ("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n\r\n", .length(2), "\r\n"),
            (get("Content-Length: 0"), .none, ""),
            (chunked("5\r\nhello\r\n0\r\n\r\n"), .chunked, "hello"),
            (
                chunked("0005\r\nhello\r\nA\r\n0123456789\r\na\r\nabcdefghij\r\n000\r\n\r\n"), .chunked,
                "hello0123456789abcdefghij"
            ),
            (
                chunked("2;a;b=c ; d = \"e\\\"f;\"\r\n\r\n\r\n0;x\r\nTrailer: 1\r\nContent-Length: 9\r\n\r\n"),
                .chunked, "\r\n"
            ),
            (chunked("").replacing("chunked", with: " , Chunked,\t") + "0\r\n\r\n", .chunked, ""),
        ] as [(String, RequestHead.Framing, String)]
    )
    func framing(text: String, framing: RequestHead.Framing, content: String) throws {
        let message = try onlyMessage(text)
        #expect(message.head.framing == framing)
        #expect(String(decoding: message.content, as: UTF8.self) == content)
        #expect(message.head.headers["trailer"] == nil)
    }

    @Test("trailers are separate from the header fields and from other messages' trailers")
    func trailers() {
        let transcript = Transcript(
            chunked("1\r\na\r\n0\r\nX-Error: late\r\nHost: b\r\n\r\n") + chunked("0\r\n\r\n") + get()
        )
        #expect(transcript.messages.map(\.trailers) == [["x-error: late", "host: b"], [], []])
        #expect(transcript.messages[0].head.headers[.host] == "a")
    }

    @Test(
        "a well-formed Host is accepted",
        arguments: ["a", "a.b:80", "a:", "[::1]", "[::1]:8080", "127.0.0.1:65535", "a_b~!", "%41"]
    )
    func host(host: String) throws {
        try expect(onlyMessage("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").head.headers[.host]?.string, is: host)
    }

    @Test("one empty line before a request is skipped, also between requests")
    func emptyLine() {
        let transcript = Transcript("\r\n" + get() + "\r\n" + get())
        #expect(transcript.messages.count == 2)
        #expect(transcript.error == nil)
    }

    @Test("bytes after a message are not consumed before the next call")
    func pipelining() throws {
        let first = get()
        let input = Array((first + get()).utf8)
        var parser = RequestParser(limits: RequestLimits())
        var consumed = 0
        guard case .head = try parser.next(input.span, consumed: &consumed) else { return #expect(Bool(false)) }
        try expect(parser.next(input.span, consumed: &consumed), is: .end)
        #expect(consumed == first.utf8.count)
        #expect(parser.isIdle)
    }

    @Test("an incomplete head is not idle, and its fields are available after an error")
    func unfinishedHead() {
        var parser = RequestParser(limits: RequestLimits())
        var consumed = 0
        #expect(parser.isIdle)
        let input = Array("HEAD / HTTP/1.1\r\nX-Request-Id: 7\r\nbad".utf8)
        #expect((try? parser.next(input.span, consumed: &consumed)) == .some(nil))
        #expect(!parser.isIdle)
        let rest = Array("\r\n".utf8)
        consumed = 0
        #expect(throws: RequestError.malformed(.fieldLine)) { try parser.next(rest.span, consumed: &consumed) }
        #expect(parser.head?.method == .head)
        #expect(parser.head?.headers[.xRequestID] == "7")
    }
}
