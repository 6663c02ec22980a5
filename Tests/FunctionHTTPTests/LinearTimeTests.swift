import FunctionCore
import FunctionHTTP
import Support
import Testing

@Suite("Parsing takes time in proportion to a message's size")
struct LinearTimeTests {
    private static func fields(_ lines: String) -> String {
        "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n"
    }

    private static let texts = [
        Hostile("a long target") { "GET /" + String(repeating: "a", count: $0) + " HTTP/1.1\r\nHost: a\r\n\r\n" },
        Hostile("a long target of percent signs") { "GET /" + String(repeating: "%", count: $0) },
        Hostile("a head without end") { "GET / HTTP/1.1\r\nHost: " + String(repeating: "a", count: $0) },
        Hostile("carriage returns without end") { String(repeating: "\r", count: $0) },
        Hostile("empty lines before a request") { String(repeating: "\r\n", count: $0) },
        Hostile("a long value") { fields("a: " + String(repeating: "b", count: $0)) },
        Hostile("a value of blanks") { fields("a:" + String(repeating: " ", count: $0) + "b") },
        Hostile("a list of connection options") { fields("Connection: " + String(repeating: "a,", count: $0)) },
        Hostile("a list of transfer codings") { fields("Transfer-Encoding: " + String(repeating: ",", count: $0)) },
        Hostile("a long length") { fields("Content-Length: " + String(repeating: "0", count: $0)) },
        Hostile("many chunks of a byte") { chunked(String(repeating: "1\r\nx\r\n", count: $0) + "0\r\n\r\n") },
        Hostile("a long chunk extension") { chunked("1;a=\"" + String(repeating: "\\a", count: $0) + "\"\r\nx\r\n") },
        Hostile("a long trailer") { chunked("0\r\na: " + String(repeating: "b", count: $0) + "\r\n\r\n") },
        Hostile("a body") {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \($0)\r\n\r\n" + String(repeating: "a", count: $0)
        },
        Hostile("many requests") { String(repeating: get(), count: $0 / 8) },
    ]

    @Test("a request, at once and byte by byte", arguments: texts, [1, Int.max])
    func readsRequest(_ hostile: Hostile, pieceSize: Int) {
        let limits = RequestLimits(target: 1 << 24, head: 1 << 24, body: 1 << 24)
        let growth = Growth.ofTime {
            pieces(hostile.text($0), pieceSize)
        } _: { pieces in
            _ = Transcript(of: pieces, limits: limits)
        }
        #expect(growth < Growth.limit)
    }

    private static func ok(_ rest: String) -> String { "HTTP/1.1 200 OK\r\n" + rest }

    private static let responseTexts = [
        Hostile("a long reason") { "HTTP/1.1 200 " + String(repeating: "a", count: $0) + "\r\n\r\n" },
        Hostile("a long value") { ok("a: " + String(repeating: "b", count: $0) + "\r\n\r\n") },
        Hostile("a folded value") { ok("a: b" + String(repeating: "\r\n c", count: $0) + "\r\n\r\n") },
        Hostile("many interim responses") { String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: $0 / 8) },
        Hostile("many chunks of a byte") {
            ok("Transfer-Encoding: chunked\r\n\r\n" + String(repeating: "1\r\nx\r\n", count: $0) + "0\r\n\r\n")
        },
        Hostile("content up to the end") { ok("\r\n" + String(repeating: "a", count: $0)) },
    ]

    @Test("a response, at once and byte by byte", arguments: responseTexts, [1, Int.max])
    func readsResponse(_ hostile: Hostile, pieceSize: Int) {
        let limits = ResponseLimits(head: 1 << 24)
        let growth = Growth.ofTime {
            pieces(hostile.text($0), pieceSize)
        } _: { pieces in
            _ = ResponseTranscript(of: pieces, limits: limits)
        }
        #expect(growth < Growth.limit)
    }
}

private func pieces(_ text: String, _ size: Int) -> [ArraySlice<UInt8>] {
    let bytes = Array(text.utf8)
    let size = min(size, bytes.count)
    return stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
}
