/// CRC-32 as in ISO 3309 and Ethernet: polynomial 0x04C11DB7, reflected.
///
/// It tells a mistyped key from an unknown one without a trip to the store; it protects nothing.
package enum CRC32 {
    package static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        let table = table
        var remainder = ~UInt32(0)
        for index in bytes.indices {
            remainder = table[Int((remainder ^ UInt32(bytes[index])) & 0xFF)] ^ remainder >> 8
        }
        return ~remainder
    }

    /// What each value of a byte does to the remainder.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(byte) { remainder, _ in remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
}
