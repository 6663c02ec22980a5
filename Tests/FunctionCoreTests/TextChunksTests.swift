import FunctionCore
import Testing

@Suite("Texts from chunks of bytes")
struct TextChunksTests {
    private func texts(_ chunks: [ArraySlice<UInt8>], limit: Int = 16_384) -> [String] {
        var reader = TextChunks(limit: limit)
        var texts = chunks.flatMap { reader.take(Array($0)) }
        if let rest = reader.finish() { texts.append(rest) }
        return texts
    }

    @Test(
        "the texts joined equal the decoded bytes, wherever these are split, and each text is complete",
        arguments: [
            Array("abc\r\ndéf\r€\n😀\r\n".utf8), Array("\r\r\n\r\n\n\r".utf8), Array("e\u{301}\u{200D}👩‍👩‍👧‍👦\r".utf8),
            [0x61, 0xFF, 0xC3], [0xE2, 0x82], [0xE2, 0x82, 0x61], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x0D, 0x0A],
            [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xC0, 0xAF],
            [0xF5, 0x80, 0x80, 0x80], [0x80, 0xBF, 0x80, 0xBF, 0x80], [0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF],
            [0x0D, 0xE2, 0x82, 0xAC, 0x0D, 0xC3], [],
        ] as [[UInt8]]
    )
    func splits(bytes: [UInt8]) {
        let whole = Array(String(decoding: bytes, as: UTF8.self).utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                for limit in [4, 5, 16_384] {
                    let texts = texts([bytes[..<first], bytes[first..<second], bytes[second...]], limit: limit)
                    #expect(texts.flatMap(\.utf8) == whole, "split at \(first) and \(second)")
                    #expect(texts.allSatisfy { (1...limit).contains($0.utf8.count) })
                    #expect(!zip(texts, texts.dropFirst()).contains { $0.utf8.last == 0x0D && $1.utf8.first == 0x0A })
                }
            }
        }
    }

    @Test(
        "only bytes that the next chunk may continue wait for it",
        arguments: [
            ([0x61, 0x0D], ["a"], "\r"), ([0x0D], [], "\r"), ([0x61, 0xE2, 0x82], ["a"], "\u{FFFD}"),
            ([0xF0, 0x9F, 0x98], [], "\u{FFFD}"), ([0x0D, 0xC3], ["\r"], "\u{FFFD}"),
            ([0xF0, 0x9F, 0x98, 0x80], ["😀"], nil),
            ([0xE0, 0x80], ["\u{FFFD}\u{FFFD}"], nil), ([0x61, 0x80], ["a\u{FFFD}"], nil), ([0x0A], ["\n"], nil),
            ([], [], nil),
        ] as [([UInt8], [String], String?)]
    )
    func waits(bytes: [UInt8], texts: [String], rest: String?) {
        var reader = TextChunks()
        #expect(reader.take(bytes) == texts)
        #expect(reader.finish() == rest)
        #expect(reader.finish() == nil)
    }

    @Test("long texts are cut at 16 KiB, between scalars and never within CRLF")
    func cuts() {
        let plain = Array(repeating: UInt8(ascii: "a"), count: 16_384)
        #expect(texts([plain[...]]).map(\.utf8.count) == [16_384])
        #expect(texts([(plain + plain + [0x61])[...]]).map(\.utf8.count) == [16_384, 16_384, 1])
        #expect(texts([(plain.dropLast() + [0x0D, 0x0A])[...]]).map(\.utf8.count) == [16_383, 2])
        #expect(texts([(plain.dropLast(2) + Array("€".utf8))[...]]).map(\.utf8.count) == [16_382, 3])
        // Each invalid byte becomes U+FFFD, which has three bytes.
        #expect(texts([Array(repeating: 0xFF, count: 16_384)[...]]).map(\.utf8.count) == [16_383, 16_383, 16_383, 3])
    }
}
