import FunctionCore
import Support
import Testing

@testable import FunctionHTTP

@Suite("Requests in pieces")
struct RequestSplitTests {
    static let inputs: [String] = [
        get("Accept: */*", "Connection: keep-alive"),
        "\r\n" + get() + get() + "\r\n" + get("Connection: close"),
        "POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello\r\n\r\nok" + get(),
        chunked("5;a=\"b\"\r\nhello\r\nb\r\n\r\n0\r\n\r\n7\r\n\r\r\n0\r\nTrailer: x\r\n\r\n") + get(),
        "PUT http://b:1/c?d HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: a\r\nX: caf\u{e9}\r\n\r\n",
        get("X: a\nY: b"), get("X: a\rY: b"), get("X : a"), get(" X: a"), get("Content-Length: +5"), "\r\n\r\n" + get(),
        get("X") + get(), "GET /\u{1}\rx", "G(T /\n", chunked("5\r\nhello!"), chunked("5\r\nhello\r!"),
        chunked("5 \r\n"), chunked("z\n"),
        "CONNECT a:1 HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", get("Expect: x"), get("Transfer-Encoding: gzip"),
        "GET /abcdefghijklmnopqrstuvwxyz HTTP/1.1\r\n", "GET /abcdefghijklmnopqrstuvwxyz\r!",
        "G(\u{1}abcdefghijklmnopqrstuvwxyz / HTTP/1.1\r\n",
        get(String(repeating: "Y: z\r\n", count: 8) + "Z: z"), get(String(repeating: "y", count: 200)),
        String(repeating: "G", count: 110) + " /abcdefghijklmnopqrstuvwxyz",
        String(repeating: "G", count: 109) + " /abcdefghijklmnop",
        chunked("1;\(String(repeating: "a", count: 200))\r\n"), chunked("\(String(repeating: "0", count: 200))\r\n"),
    ]

    /// Small limits, so that short inputs reach them.
    static let limits = RequestLimits(target: 16, head: 128, fields: 8, body: 64)

    @Test("every split in two, and a split into single bytes, gives the same result", arguments: inputs)
    func splits(input: String) {
        let bytes = Array(input.utf8)
        for limits in [Self.limits, RequestLimits()] {
            let whole = Transcript(of: [bytes[...]], limits: limits)
            for position in bytes.indices {
                let split = Transcript(of: [bytes[..<position], bytes[position...]], limits: limits)
                #expect(split == whole, "split at \(position)")
            }
            #expect(Transcript(of: bytes.indices.map { bytes[$0...$0] }, limits: limits) == whole)
        }
    }

    @Test("random pieces of all inputs in a row give the same result", arguments: 0..<50)
    func randomPieces(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = Self.inputs.shuffled(using: &generator).flatMap { Array($0.utf8) }
        let whole = Transcript(of: [bytes[...]])
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            pieces.append(rest.prefix(Int.random(in: 1...40, using: &generator)))
            rest = rest.dropFirst(pieces[pieces.count - 1].count)
        }
        #expect(Transcript(of: pieces) == whole)
    }
}
