/// The CRC-32 of gzip and of AWS' event streams, over bytes that come in pieces (RFC 1952, section 8).
struct CRC32: Sendable {
    private var remainder: UInt32 = 0xFFFF_FFFF

    /// That of all bytes so far.
    var value: UInt32 { ~remainder }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        let table = Self.table
        for byte in bytes {
            remainder = table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8
        }
    }

    /// What each byte leaves of the polynomial, whose bits stand in reverse.
    private static let table: [UInt32] = (0..<256).map { byte in
        var rest = UInt32(byte)
        for _ in 0..<8 { rest = rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0xEDB8_8320 }
        return rest
    }
}
