/// CRC-32 as in ISO 3309, Ethernet and gzip (RFC 1952, section 8): polynomial 0x04C11DB7, reflected. It detects typing
/// errors and damage, not tampering.
package struct CRC32: Sendable {
    private var remainder = ~UInt32(0)

    package init() {}

    /// The checksum of all bytes added so far.
    package var value: UInt32 { ~remainder }

    package mutating func add(_ bytes: some Sequence<UInt8>) {
        let table = Self.table
        for byte in bytes { remainder = table[Int((remainder ^ UInt32(byte)) & 0xFF)] ^ remainder >> 8 }
    }

    package static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        let table = table
        var remainder = ~UInt32(0)
        for index in bytes.indices {
            remainder = table[Int((remainder ^ UInt32(bytes[index])) & 0xFF)] ^ remainder >> 8
        }
        return ~remainder
    }

    /// The remainder of each byte value.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(byte) { remainder, _ in remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
}
