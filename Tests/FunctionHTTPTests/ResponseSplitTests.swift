import FunctionCore
import Support
import Testing

@testable import FunctionHTTP

@Suite("Responses in pieces")
struct ResponseSplitTests {
    static let inputs: [String] = [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX: caf\u{e9}\r\n\r\nhello\r\n\r\nok!HTTP/1.1",
        "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 204 \r\n\r\nrest",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n2\r\n\r\n\r\n0\r\nT: x\r\n\r\nrest",
        "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil\r\n\r\nthe end", "HTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200\r\n", "HTTP/1.1 2\n", "HTTP/1.1 200 OK\r!", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", "HTTP/1.1 200 OK\r\nX: y\nZ: a\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n",
        "HTTP/1.1 200\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n5 \t\r\nhello\r\n0 ;a \r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\(String(repeating: " ", count: 200))\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\(String(repeating: "a", count: 200))\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(repeating: "0", count: 200))\r\n",
        "HTTP/1.1 200 OK\r\n\(String(repeating: "Y: z\r\n", count: 8))Z: z\r\n\r\n",
        "HTTP/1.1 200 \(String(repeating: "y", count: 200))\r\n\r\n",
    ]

    /// Small limits, so that short inputs reach them.
    static let limits = ResponseLimits(head: 128, fields: 8)

    @Test("every split in two, and a split into single bytes, gives the same result", arguments: inputs)
    func splits(input: String) {
        let bytes = Array(input.utf8)
        for limits in [Self.limits, ResponseLimits()] {
            for method in [Method.get, .head] {
                let whole = ResponseTranscript(of: [bytes[...]], to: method, limits: limits)
                for position in bytes.indices {
                    let pieces = [bytes[..<position], bytes[position...]]
                    #expect(ResponseTranscript(of: pieces, to: method, limits: limits) == whole, "split at \(position)")
                }
                let single = bytes.indices.map { bytes[$0...$0] }
                #expect(ResponseTranscript(of: single, to: method, limits: limits) == whole)
            }
        }
    }

    @Test("random pieces give the same result", arguments: 0..<20)
    func randomPieces(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for input in Self.inputs {
            let bytes = Array(input.utf8)
            var pieces: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                pieces.append(rest.prefix(Int.random(in: 1...20, using: &generator)))
                rest = rest.dropFirst(pieces[pieces.count - 1].count)
            }
            #expect(ResponseTranscript(of: pieces) == ResponseTranscript(of: [bytes[...]]))
        }
    }
}
