import FunctionBytes
import Testing

@Suite("CRC-32")
struct CRC32Tests {
    @Test(
        "the published check value and others match",
        arguments: [
            ("123456789", 0xCBF4_3926), ("", 0), ("a", 0xE8B7_BE43), ("abc", 0x3524_41C2),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)]
    )
    func checkValues(text: String, checksum: UInt32) {
        #expect(CRC32.checksum(of: text.utf8.span) == checksum)
    }

    @Test(
        "bytes of every value are accepted",
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x190A_55AD),
            ([UInt8](repeating: 255, count: 32), 0xFF6C_AB0B),
            (Array(0...255), 0x2905_8C73),
        ] as [([UInt8], UInt32)]
    )
    func allBytes(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32.checksum(of: bytes.span) == checksum)
    }
}
