import FunctionCore
import Testing

@testable import FunctionHTTP

@Suite("Refused requests")
struct RequestRefusalTests {
    private func refusal(_ text: String) -> RequestError? {
        Transcript(text).error
    }

    @Test(
        "a malformed request line gets 400",
        arguments: [
            ("GET /\r\n", .requestLine), ("GET\r\n", .requestLine), (" GET / HTTP/1.1\r\n", .method),
            ("GET  / HTTP/1.1\r\n", .version), ("GET / HTTP/1.1 \r\n", .version), ("GET / x HTTP/1.1\r\n", .version),
            ("GET\t/ HTTP/1.1\r\n", .requestLine), ("GET /\tHTTP/1.1\r\n", .requestLine),
            ("G(T / HTTP/1.1\r\n", .method),
            ("GE\u{e9} / HTTP/1.1\r\n", .method), ("GET / http/1.1\r\n", .version), ("GET / HTTP/1\r\n", .version),
            ("GET / HTTP/1.10\r\n", .version), ("GET / HTTP/1,1\r\n", .version), ("GET / HTTP/x.1\r\n", .version),
            ("GET a HTTP/1.1\r\n", .target), ("GET a:80 HTTP/1.1\r\n", .target), ("GET * HTTP/1.1\r\n", .target),
            ("OPTIONS ** HTTP/1.1\r\n", .target), ("GET ?a HTTP/1.1\r\n", .target),
            ("GET ftp://a/ HTTP/1.1\r\n", .target),
            ("GET http:///x HTTP/1.1\r\n", .target), ("GET http://u@h/x HTTP/1.1\r\n", .target),
            ("GET http://h:x/ HTTP/1.1\r\n", .target), ("GET /a#b HTTP/1.1\r\n", .target),
            ("GET /?a#b HTTP/1.1\r\n", .target), ("GET /\u{7f} HTTP/1.1\r\n", .target),
            ("GET /\0 HTTP/1.1\r\n", .target),
            ("GET /\u{e9} HTTP/1.1\r\n", .target), ("GET /<a> HTTP/1.1\r\n", .target),
            ("GET /?\" HTTP/1.1\r\n", .target),
            ("GET /{a} HTTP/1.1\r\n", .target), ("GET /a\\b HTTP/1.1\r\n", .target),
            ("\r\n\r\nGET / HTTP/1.1\r\n", .emptyLines),
        ] as [(String, MessageFault)]
    )
    func requestLine(text: String, fault: MessageFault) {
        #expect(refusal(text) == .malformed(fault))
    }

    @Test("another major version gets 505", arguments: ["0.9", "2.0", "2.1", "3.0", "9.9"])
    func version(version: String) {
        #expect(refusal("GET / HTTP/\(version)\r\n") == .versionUnsupported)
        #expect(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == .versionUnsupported)
    }

    @Test(
        "a method of over 32 characters gets 501 before its line has ended; an illegal one gets 400",
        arguments: [
            ("\(String(repeating: "M", count: 33)) / HTTP/1.1\r\n", .methodTooLong),
            (String(repeating: "M", count: 33), .methodTooLong),
            (String(repeating: "M", count: 20_000), .methodTooLong),
            (String(repeating: "M", count: 32), nil), ("(\(String(repeating: "M", count: 40))", nil),
            ("(\(String(repeating: "M", count: 40)) / HTTP/1.1\r\n", .malformed(.method)),
            ("\(String(repeating: "M", count: 32)) / HTTP/1.1\r\nHost: a\r\n\r\n", nil),
        ] as [(String, RequestError?)]
    )
    func longMethod(text: String, error: RequestError?) {
        #expect(refusal(text) == error)
    }

    @Test("CONNECT gets 501", arguments: ["CONNECT a:443 HTTP/1.1\r\n", "CONNECT / HTTP/1.1\r\n"])
    func connect(text: String) {
        #expect(refusal(text) == .connectUnsupported)
    }

    @Test(
        "a malformed field line gets 400",
        arguments: [
            ("X : y", .fieldName), ("X\t: y", .fieldName), (": y", .fieldName), ("(X): y", .fieldName),
            ("X\0: y", .fieldName),
            ("\u{e9}: y", .fieldName), ("X y", .fieldLine), ("X", .fieldLine), (" X: y", .fold), ("\tX: y", .fold),
            (" ", .fold), ("X: a\r\n b", .fold), ("X: a\0b", .fieldValue), ("X: a\u{1}", .fieldValue),
            ("X: \u{7f}", .fieldValue),
            ("X: a\u{b}", .fieldValue), ("X: a\nY: b", .bareLineFeed), ("X: a\n", .bareLineFeed),
            ("X: a\rY: b", .bareCarriageReturn),
            ("X: a\r\r", .bareCarriageReturn), ("X: \r", .bareCarriageReturn),
        ] as [(String, MessageFault)]
    )
    func fieldLine(line: String, fault: MessageFault) {
        #expect(refusal(get(line)) == .malformed(fault))
        #expect(refusal(chunked("0\r\n\(line)\r\n\r\n")) == .malformed(fault))
    }

    @Test(
        "a bare CR or LF is refused before the line has ended",
        arguments: [
            ("GET / HTTP/1.1\n", .bareLineFeed), ("\n", .bareLineFeed), ("\r\n\n", .bareLineFeed),
            ("GET / HTTP/1.1\rH", .bareCarriageReturn), ("\rG", .bareCarriageReturn),
            ("GET / HTTP/1.1\r\nHost: a\r\n\rX", .bareCarriageReturn),
            ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
        ] as [(String, MessageFault)]
    )
    func lineEnds(text: String, fault: MessageFault) {
        #expect(refusal(text) == .malformed(fault))
    }

    @Test(
        "no Host, two, or a malformed one gets 400",
        arguments: [
            "", "Host: a\r\nHost: a\r\n", "Host: a\r\nHOST: b\r\n", "Host:\r\n", "Host: \r\n", "Host: a b\r\n",
            "Host: a/b\r\n",
            "Host: u@a\r\n", "Host: a:b\r\n", "Host: a:80:80\r\n", "Host: :80\r\n", "Host: a:123456\r\n",
            "Host: a?b\r\n",
            "Host: [::1\r\n", "Host: []\r\n", "Host: [::1]x\r\n", "Host: [g]\r\n", "Host: a#\r\n", "Host: \u{e9}\r\n",
            "Host: a]\r\n",
        ]
    )
    func host(lines: String) {
        #expect(refusal("GET / HTTP/1.1\r\n\(lines)\r\n") == .malformed(.host))
        #expect(refusal("GET http://a/ HTTP/1.1\r\n\(lines)\r\n") == .malformed(.host))
    }

    @Test(
        "a length that is malformed or given twice gets 400",
        arguments: [
            "+5", "-5", "0x5", "5,5", "5, 5", "", "5 5", "5.0", "1e1", "five", "９", "18446744073709551616",
            "9223372036854775808",
            "5\r\nContent-Length: 5", "5\r\nContent-Length: 6", "5;", "\"5\"", "0x", "٥",
        ]
    )
    func contentLength(value: String) {
        #expect(
            refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(value)\r\n\r\nhello") == .malformed(.contentLength)
        )
    }

    @Test(
        "a message that could end in two places is refused",
        arguments: [
            (get("Content-Length: 5", "Transfer-Encoding: chunked"), .malformed(.lengthAndCoding)),
            (get("Transfer-Encoding: chunked", "Content-Length: 0"), .malformed(.lengthAndCoding)),
            (get("Transfer-Encoding: gzip", "Content-Length: 0"), .malformed(.lengthAndCoding)),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .malformed(.codingInHTTP10)),
            (get("Transfer-Encoding: gzip"), .malformed(.lastCoding)),
            (get("Transfer-Encoding: identity"), .malformed(.lastCoding)),
            (get("Transfer-Encoding: gzip, chunked"), .transferCodingUnknown),
            (get("Transfer-Encoding: identity", "Transfer-Encoding: Chunked"), .transferCodingUnknown),
            (get("Transfer-Encoding: chunked, gzip"), .malformed(.lastCoding)),
            (get("Transfer-Encoding: chunked, gzip, chunked"), .transferCodingUnknown),
            (get("Transfer-Encoding: xchunked"), .malformed(.lastCoding)),
            (get("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), .malformed(.lastCoding)),
            (get("Transfer-Encoding: chunked, chunked"), .malformed(.transferCoding)),
            (get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), .malformed(.transferCoding)),
            (get("Transfer-Encoding:"), .malformed(.transferCoding)),
            (get("Transfer-Encoding: ,"), .malformed(.transferCoding)),
            (get("Transfer-Encoding: chunked;q=1"), .malformed(.transferCoding)),
            (get("Transfer-Encoding: \"chunked\""), .malformed(.transferCoding)),
            (get("Transfer-Encoding: chun ked"), .malformed(.transferCoding)),
            (get("Transfer-Encoding : chunked"), .malformed(.fieldName)),
            (get("Transfer-Encoding: \u{b}chunked"), .malformed(.fieldValue)),
            (get("X: y\r\n Transfer-Encoding: chunked"), .malformed(.fold)),
            (get("X: y\nTransfer-Encoding: chunked"), .malformed(.bareLineFeed)),
        ] as [(String, RequestError)]
    )
    func ambiguity(text: String, error: RequestError) {
        #expect(refusal(text) == error)
    }

    @Test(
        "a malformed chunk gets 400",
        arguments: [
            ("\r\n", .chunkSize), ("x\r\n", .chunkSize), ("-5\r\n", .chunkSize), ("+5\r\n", .chunkSize),
            (" 5\r\n", .chunkSize),
            ("0x5\r\n", .chunkExtension), ("5 \r\n", .chunkExtension), ("5\t\r\n", .chunkExtension),
            ("5 5\r\n", .chunkExtension),
            ("5,\r\n", .chunkExtension), ("5;\r\n", .chunkExtension), ("5;a=\r\n", .chunkExtension),
            ("5;a=\"b\r\n", .chunkExtension),
            ("5;a=\"\\\r\n", .chunkExtension), ("5;a b\r\n", .chunkExtension), ("5;=b\r\n", .chunkExtension),
            ("5;a\0\r\n", .chunkExtension),
            ("8000000000000000\r\n", .chunkSize), ("FFFFFFFFFFFFFFFF\r\n", .chunkSize),
            ("10000000000000005\r\n", .chunkSize),
            ("00000000000000005\r\n", .chunkSize), ("5\n", .bareLineFeed), ("5\rh", .bareCarriageReturn),
            ("5;a\nb\r\n", .bareLineFeed),
            ("5\r\nhello0\r\n", .chunkEnd), ("5\r\nhello!", .chunkEnd), ("5\r\nhello\n", .bareLineFeed),
            ("5\r\nhello\r0", .bareCarriageReturn),
        ] as [(String, MessageFault)]
    )
    func chunk(content: String, fault: MessageFault) {
        #expect(refusal(chunked(content)) == .malformed(fault))
    }

    @Test("an expectation other than 100-continue gets 417", arguments: ["200-ok", "", "100-continue, x", "100"])
    func expectation(value: String) {
        #expect(refusal(get("Expect: \(value)")) == .expectationUnknown)
    }

    @Test("every refusal has its status, its code and a reason")
    func statuses() {
        let all: [(RequestError, Int, String)] = [
            (.malformed(.host), 400, "bad_request"), (.contentTooLarge, 413, "body_too_large"),
            (.methodTooLong, 501, "not_implemented"), (.targetTooLong, 414, "uri_too_long"),
            (.expectationUnknown, 417, "expectation_failed"), (.headTooLarge, 431, "headers_too_large"),
            (.connectUnsupported, 501, "not_implemented"), (.transferCodingUnknown, 501, "not_implemented"),
            (.versionUnsupported, 505, "http_version_not_supported"),
        ]
        for (error, status, code) in all {
            #expect(error.httpError.status.code == status)
            #expect(error.httpError.code == code)
            #expect(!error.reason.isEmpty)
        }
    }
}
