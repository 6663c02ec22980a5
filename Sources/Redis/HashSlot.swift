/// One of the 16,384 slots over which a Redis Cluster spreads its keys (Redis Cluster Specification, "Key distribution
/// model").
struct HashSlot: Hashable, Sendable {
    static let count = 16_384

    let number: Int

    /// Nil if there is no slot of that number.
    init?(number: Int) {
        guard 0..<Self.count ~= number else { return nil }
        self.number = number
    }

    /// The slot of a key: of what stands in its first braces if that is anything, else of all of it.
    init(_ key: some Collection<UInt8>) {
        number = Int(Self.checksum(Self.hashed(key[...]))) % Self.count
    }

    private static func hashed<Bytes: Collection<UInt8>>(_ key: Bytes) -> Bytes where Bytes.SubSequence == Bytes {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key }
        let rest = key[open...].dropFirst()
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex else { return key }
        return rest[..<close]
    }

    /// CRC-16 with the polynomial 0x1021, from 0, as XMODEM has it.
    private static func checksum(_ bytes: some Collection<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in sum << 8 ^ table[Int(sum >> 8 ^ UInt16(byte))] }
    }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
