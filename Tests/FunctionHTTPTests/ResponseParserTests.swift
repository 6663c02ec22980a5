import FunctionCore
import Testing

@testable import FunctionHTTP

/// A 200 with the given lines and content.
private func response(_ lines: String..., content: String = "") -> String {
    "HTTP/1.1 200 OK\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n" + content
}

/// A 200 with the given chunks.
private func inChunks(_ content: String) -> String {
    response("Transfer-Encoding: chunked", content: content)
}

@Suite("Accepted responses")
struct ResponseParserTests {
    @Test("the status line and the fields are kept as received, names in lower case")
    func simple() throws {
        let transcript = ResponseTranscript(
            "HTTP/1.1 201 Cr\u{e9}\tated\r\nX-One:  a b\t \r\nx-one:\r\nContent-Length: 2\r\n\r\nok"
        )
        let head = try #require(transcript.head)
        #expect(head.status == Status(201))
        #expect(head.version == .http11)
        #expect(head.headers == ["x-one": "a b", "x-one": "", "content-length": "2"])
        #expect(head.framing == .length(2))
        #expect(head.keepAlive)
        #expect(transcript.content == Array("ok".utf8))
        #expect(transcript.ending == .complete(left: 0))
    }

    @Test(
        "content ends where its framing says",
        arguments: [
            (response("Content-Length: 5", content: "hello"), .length(5), "hello", 0),
            (response("Content-Length: 5", content: "hello!"), .length(5), "hello", 1),
            (response("Content-Length: 0", content: "x"), .none, "", 1),
            (response("Transfer-Encoding: chunked", content: "5\r\nhello\r\n0\r\n\r\n"), .chunked, "hello", 0),
            (
                response(
                    "Transfer-Encoding: , Chunked",
                    content: "0A;a=\"b;\" ; c\r\n0123456789\r\n1\r\n\n\r\n0;z\r\nContent-Length: 9\r\n\r\nHTTP"
                ),
                .chunked, "0123456789\n", 4
            ),
            (response("X: y", content: "until the end\r\n"), .close, "until the end\r\n", 0),
            (response(), .close, "", 0),
            ("HTTP/1.0 200 OK\r\n\r\nold", .close, "old", 0),
            ("HTTP/1.2 200 OK\r\nContent-Length: 3\r\n\r\nnew", .length(3), "new", 0),
            ("HTTP/1.1 204 \r\n\r\nx", .none, "", 1),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nx", .none, "", 1),
            ("HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n", .none, "", 0),
            ("HTTP/1.1 599 \r\nContent-Length: 1\r\n\r\nx", .length(1), "x", 0),
        ] as [(String, ResponseHead.Framing, String, Int)]
    )
    func framing(text: String, framing: ResponseHead.Framing, content: String, left: Int) {
        let transcript = ResponseTranscript(text)
        #expect(transcript.head?.framing == framing)
        #expect(String(decoding: transcript.content, as: UTF8.self) == content)
        #expect(transcript.ending == .complete(left: left))
    }

    @Test(
        "unambiguous faults that other clients accept are accepted",
        arguments: [
            ("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", .length(5)), ("HTTP/1.0 200\r\n\r\nhello", .close),
            (response("Content-Length: 5", "Content-Length: 5", content: "hello"), .length(5)),
            (response("Content-Length: 5, 5", content: "hello"), .length(5)),
            (response("Content-Length: 5\t,5", "X: y", "Content-Length: 5", content: "hello"), .length(5)),
            (inChunks("5 \r\nhello\r\n0 \t \r\n\r\n"), .chunked), (inChunks("5    \r\nhello\r\n0\r\n\r\n"), .chunked),
            (inChunks("5 ;a \r\nhello\r\n0;b=\"c\" \t\r\n\r\n"), .chunked),
            (
                response("Content-Length: 9", "Transfer-Encoding: chunked", content: "5\r\nhello\r\n0\r\n\r\n"),
                .chunked
            ),
        ] as [(String, ResponseHead.Framing)]
    )
    func tolerance(text: String, framing: ResponseHead.Framing) {
        let transcript = ResponseTranscript(text)
        #expect(transcript.head?.framing == framing)
        #expect(transcript.content == Array("hello".utf8))
        #expect(transcript.ending == .complete(left: 0))
    }

    @Test("padding of many sizes does not add up to the limit, but one size cannot be padded without end")
    func padding() {
        let padded = String(repeating: "1\(String(repeating: " ", count: 15))\r\nx\r\n", count: 20_000) + "0\r\n\r\n"
        #expect(ResponseTranscript(inChunks(padded)).ending == .complete(left: 0))
        let endless = "1" + String(repeating: " ", count: 64 * 1024)
        #expect(ResponseTranscript(inChunks(endless)).error == .headTooLarge)
    }

    @Test("a response to HEAD has no content, whatever its fields announce")
    func toHead() {
        for lines in ["Content-Length: 5", "Transfer-Encoding: chunked", "X: y"] {
            let transcript = ResponseTranscript(response(lines), to: .head)
            #expect(transcript.head?.framing == ResponseHead.Framing.none)
            #expect(transcript.ending == .complete(left: 0))
            #expect(transcript.head?.keepAlive == true)
        }
    }

    @Test("interim responses are skipped with their fields")
    func interim() {
        let transcript = ResponseTranscript(
            "HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 3\r\n\r\n"
                + response("Y: 2", "Content-Length: 1", content: "a")
        )
        #expect(transcript.head?.headers == ["y": "2", "content-length": "1"])
        #expect(transcript.content == Array("a".utf8))
        #expect(transcript.ending == .complete(left: 0))
    }

    @Test(
        "version, Connection and framing decide whether the connection can be reused",
        arguments: [
            (response("Content-Length: 0"), true), (response("Content-Length: 0", "Connection: close"), false),
            (response("Content-Length: 0", "Connection: x, Close"), false),
            (response("Transfer-Encoding: chunked"), true), (response(), false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true),
            ("HTTP/1.1 204 \r\n\r\n", true), ("HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n", true),
            ("HTTP/1.1 204 \r\nContent-Length: 1\r\n\r\n", false),
            ("HTTP/1.1 204 \r\nTransfer-Encoding: chunked\r\n\r\n", false),
            ("HTTP/1.1 304 \r\nContent-Length: 7\r\n\r\n", true),
            (response("Content-Length: 0", "Content-Length: 0"), true),
            (response("Content-Length: 5", "Transfer-Encoding: chunked"), false),
            ("HTTP/1.1 304 \r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n", false),
            (
                "HTTP/1.1 103 Early\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + response("Content-Length: 0"), false
            ),
        ]
    )
    func persistence(text: String, keepAlive: Bool) {
        #expect(ResponseTranscript(text).head?.keepAlive == keepAlive)
    }

    @Test(
        "a response that ends too early is unfinished",
        arguments: [
            "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nX: y", "HTTP/1.1 100 Continue\r\n\r\n",
            response("Content-Length: 5", content: "hell"), response("Transfer-Encoding: chunked"),
            response("Transfer-Encoding: chunked", content: "5\r\nhello"),
            response("Transfer-Encoding: chunked", content: "5\r\nhello\r\n0\r\n"),
            response("Transfer-Encoding: chunked", content: "5\r\nhello\r\n0\r\nX: y\r\n"),
        ]
    )
    func unfinished(text: String) {
        #expect(ResponseTranscript(text).ending == .unfinished)
    }

    @Test("a head of 64 KiB with 256 fields is accepted, a larger one refused; interim responses and trailers count")
    func limits() {
        let line = "HTTP/1.1 200 OK\r\nX: "
        let fitting = String(repeating: "a", count: 64 * 1024 - line.utf8.count - 4)
        #expect(ResponseTranscript(line + fitting + "\r\n\r\n").error == nil)
        #expect(ResponseTranscript(line + fitting + "a\r\n\r\n").error == .headTooLarge)
        #expect(ResponseTranscript(line + fitting + "aaa").error == .headTooLarge)
        let fields = String(repeating: "X: y\r\n", count: 255)
        #expect(ResponseTranscript("HTTP/1.1 200 OK\r\n\(fields)X: y\r\n\r\n").error == nil)
        #expect(ResponseTranscript("HTTP/1.1 200 OK\r\n\(fields)X: y\r\nX: y\r\n\r\n").error == .headTooLarge)
        let chunked = "HTTP/1.1 200 OK\r\n\(fields)Transfer-Encoding: chunked\r\n\r\n0\r\n"
        #expect(ResponseTranscript(chunked + "\r\n").error == nil)
        #expect(ResponseTranscript(chunked + "X: y\r\n\r\n").error == .headTooLarge)
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 3000)
        #expect(ResponseTranscript(interim).error == .headTooLarge)
        let extensions = String(repeating: "1;\(String(repeating: "a", count: 99))\r\nx\r\n", count: 700)
        #expect(ResponseTranscript(response("Transfer-Encoding: chunked", content: extensions)).error == .headTooLarge)
        let chunks = String(repeating: "1\r\nx\r\n", count: 20_000) + "0\r\n\r\n"
        #expect(ResponseTranscript(response("Transfer-Encoding: chunked", content: chunks)).error == nil)
    }
}

@Suite("Refused responses")
struct ResponseRefusalTests {
    @Test(
        "a malformed status line is refused",
        arguments: [
            ("\r\n", .malformed(.statusLine)), ("HTTP/1.1\r\n", .malformed(.statusLine)),
            ("HTTP/1.1 20\r\n", .malformed(.statusLine)), ("HTTP/1.1  200 OK\r\n", .malformed(.statusLine)),
            ("HTTP/1.1 20 OK\r\n", .malformed(.statusLine)), ("HTTP/1.1 2000 OK\r\n", .malformed(.statusLine)),
            ("HTTP/1.1 2x0 OK\r\n", .malformed(.statusLine)), ("HTTP/1.1 +20 OK\r\n", .malformed(.statusLine)),
            ("HTTP/1.1\t200 OK\r\n", .malformed(.version)), ("HTTP/1.1 200\tOK\r\n", .malformed(.statusLine)),
            ("HTTP/1.1 200 O\0K\r\n", .malformed(.statusLine)), ("HTTP/1.1 200 \u{7f}\r\n", .malformed(.statusLine)),
            ("HTTP/1.1 099 OK\r\n", .malformed(.statusCode)), ("HTTP/1.1 600 OK\r\n", .malformed(.statusCode)),
            ("HTTP/1.1 000 OK\r\n", .malformed(.statusCode)),
            ("http/1.1 200 OK\r\n", .malformed(.version)), (" HTTP/1.1 200 OK\r\n", .malformed(.version)),
            ("ICY 200 OK\r\n", .malformed(.version)), ("SSH-2.0-OpenSSH_9.2 x\r\n", .malformed(.version)),
            ("HTTP/1.10 200 OK\r\n", .malformed(.version)), ("HTTP/2.0 200 OK\r\n", .versionUnsupported),
            ("HTTP/0.9 200 OK\r\n", .versionUnsupported),
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", .protocolSwitched),
        ] as [(String, ResponseError)]
    )
    func statusLine(text: String, error: ResponseError) {
        #expect(ResponseTranscript(text).error == error)
    }

    @Test(
        "a malformed field line is refused, in the head and among trailers",
        arguments: [
            ("X : y", .fieldName), (": y", .fieldName), ("(X): y", .fieldName), ("X", .fieldLine), (" X: y", .fold),
            ("X: a\r\n b", .fold), ("X: a\0b", .fieldValue), ("X: \u{7f}", .fieldValue), ("X: a\nY: b", .bareLineFeed),
            ("X: a\rY: b", .bareCarriageReturn), ("X: a\r\r", .bareCarriageReturn),
        ] as [(String, MessageFault)]
    )
    func fieldLine(line: String, fault: MessageFault) {
        #expect(ResponseTranscript(response(line)).error == .malformed(fault))
        let trailers = response("Transfer-Encoding: chunked", content: "0\r\n\(line)\r\n\r\n")
        #expect(ResponseTranscript(trailers).error == .malformed(fault))
    }

    @Test(
        "a response that could end in two places is refused",
        arguments: [
            (response("Content-Length: 5", "Content-Length: 6"), .malformed(.contentLength)),
            (response("Content-Length: 5, 6"), .malformed(.contentLength)),
            (response("Content-Length: 5, 5", "Content-Length: 6"), .malformed(.contentLength)),
            (response("Content-Length: 5,"), .malformed(.contentLength)),
            (response("Content-Length: 5 5"), .malformed(.contentLength)),
            (response("Content-Length: +5"), .malformed(.contentLength)),
            (response("Content-Length: 0x5"), .malformed(.contentLength)),
            (response("Content-Length:"), .malformed(.contentLength)),
            (response("Content-Length: 9223372036854775808"), .malformed(.contentLength)),
            (response("Content-Length: x", "Transfer-Encoding: chunked"), .malformed(.contentLength)),
            (
                response("Content-Length: 5", "Content-Length: 6", "Transfer-Encoding: chunked"),
                .malformed(.contentLength)
            ),
            (response("Transfer-Encoding: gzip", "Content-Length: 5"), .transferCodingUnknown),
            (response("Transfer-Encoding: gzip"), .transferCodingUnknown),
            (response("Transfer-Encoding: gzip, chunked"), .transferCodingUnknown),
            (response("Transfer-Encoding: identity"), .transferCodingUnknown),
            (response("Transfer-Encoding: chunked, chunked"), .malformed(.transferCoding)),
            (response("Transfer-Encoding:"), .malformed(.transferCoding)),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .malformed(.codingInHTTP10)),
            ("HTTP/1.1 200 OK\n", .malformed(.bareLineFeed)), ("HTTP/1.1 200 OK\rX", .malformed(.bareCarriageReturn)),
        ] as [(String, ResponseError)]
    )
    func ambiguity(text: String, error: ResponseError) {
        #expect(ResponseTranscript(text).error == error)
    }

    @Test(
        "a malformed chunk is refused after the content before it",
        arguments: [
            ("x\r\n", .chunkSize), ("\r\n", .chunkSize), ("-1\r\n", .chunkSize), ("8000000000000000\r\n", .chunkSize),
            ("5 0\r\n", .chunkExtension), (" 5\r\n", .chunkSize), ("5;\r\n", .chunkExtension), ("2\r\nok!", .chunkEnd),
            ("2\r\nok\n", .bareLineFeed),
        ] as [(String, MessageFault)]
    )
    func chunk(content: String, fault: MessageFault) {
        let transcript = ResponseTranscript(response("Transfer-Encoding: chunked", content: "1\r\na\r\n" + content))
        #expect(transcript.error == .malformed(fault))
        #expect(transcript.content.first == UInt8(ascii: "a"))
    }

    @Test("every refusal has a reason")
    func reasons() {
        let errors: [ResponseError] = [
            .malformed(.statusLine), .headTooLarge, .transferCodingUnknown, .versionUnsupported, .protocolSwitched,
        ]
        #expect(Set(errors.map(\.reason)).count == errors.count)
    }
}
