import Testing

@testable import FunctionCore

@Suite("Base64")
struct Base64Tests {
    @Test(
        "decoding is strict",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar"), ("Zg", nil), ("Zg=", nil),
            ("Zh==", nil), ("Z===", nil), ("Zm9\n", nil), ("Zm9-", nil), ("====", nil), ("Zg==Zg==", nil),
        ] as [(String, String?)]
    )
    func base64(text: String, decoded: String?) {
        #expect(Base64.decode(text) == decoded.map { Array($0.utf8) })
    }

    @Test(
        "decodeLines ignores line ends and nothing else",
        arguments: [
            ("Zm9v\r\nYmFy\r\n", "foobar"), ("\nZ\rg\n=\r\n=", "f"), ("\r\n", ""), ("Zm9v", "foo"), ("Zm9v YmFy", nil),
            ("Zg\n", nil), ("Zm9\n-", nil),
        ] as [(String, String?)]
    )
    func lines(text: String, decoded: String?) {
        #expect(Base64.decodeLines(text) == decoded.map { Array($0.utf8) })
    }

    @Test("encoded bytes are decoded to the same bytes", arguments: 0..<70)
    func roundTrip(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
        let text = Base64.encode(bytes)
        #expect(text.utf8.count == (count + 2) / 3 * 4)
        #expect(Base64.decode(text) == bytes)
    }

    @Test(
        "encoding adds padding",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
    )
    func encoding(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }
}
