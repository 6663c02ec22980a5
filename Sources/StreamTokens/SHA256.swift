/// SHA-256 (FIPS 180-4) of messages that are in memory as a whole.
package enum SHA256 {
    /// The digest's eight words, most significant first.
    package typealias Words = InlineArray<8, UInt32>

    /// The digest of `message`.
    package static func digest(of message: Span<UInt8>) -> Words {
        var hash = initial
        var block = InlineArray<16, UInt32>(repeating: 0)
        let wholeBlocks = message.count / 64
        for index in 0..<wholeBlocks {
            load(message.extracting(unchecked: index * 64..<index * 64 + 64), into: &block)
            compress(block, into: &hash)
        }
        let rest = message.extracting(droppingFirst: wholeBlocks * 64)
        load(rest, into: &block)
        block[rest.count >> 2] |= 0x80 << UInt32(24 - 8 * (rest.count & 3))
        // The length does not fit behind the mark, so it goes into a block of its own.
        if rest.count >= 56 {
            compress(block, into: &hash)
            block = InlineArray(repeating: 0)
        }
        let bits = UInt64(message.count) * 8
        block[14] = UInt32(truncatingIfNeeded: bits >> 32)
        block[15] = UInt32(truncatingIfNeeded: bits)
        compress(block, into: &hash)
        return hash
    }

    /// Fills `block` with up to 64 bytes as big-endian words, and zeros behind them.
    @inline(__always)
    private static func load(_ bytes: Span<UInt8>, into block: inout InlineArray<16, UInt32>) {
        let words = bytes.count >> 2
        for index in 0..<words {
            // In bounds: `index * 4 + 4` is at most the number of bytes.
            block[index] = UInt32(
                bigEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index * 4, as: UInt32.self)
            )
        }
        for index in words..<16 { block[index] = 0 }
        for index in words * 4..<bytes.count {
            block[index >> 2] |= UInt32(bytes[index]) << UInt32(24 - 8 * (index & 3))
        }
    }

    /// Processes one block (section 6.2.2). Only 16 words of the message schedule are kept, which is as far as it looks
    /// back.
    private static func compress(_ block: InlineArray<16, UInt32>, into hash: inout Words) {
        var schedule = block
        var (a, b, c, d) = (hash[0], hash[1], hash[2], hash[3])
        var (e, f, g, h) = (hash[4], hash[5], hash[6], hash[7])
        // After eight rounds, each variable is back in its place, so no values need to be moved.
        for first in stride(from: 0, to: 64, by: 8) {
            step(first, &schedule, a, b, c, &d, e, f, g, &h)
            step(first + 1, &schedule, h, a, b, &c, d, e, f, &g)
            step(first + 2, &schedule, g, h, a, &b, c, d, e, &f)
            step(first + 3, &schedule, f, g, h, &a, b, c, d, &e)
            step(first + 4, &schedule, e, f, g, &h, a, b, c, &d)
            step(first + 5, &schedule, d, e, f, &g, h, a, b, &c)
            step(first + 6, &schedule, c, d, e, &f, g, h, a, &b)
            step(first + 7, &schedule, b, c, d, &e, f, g, h, &a)
        }
        hash[0] &+= a
        hash[1] &+= b
        hash[2] &+= c
        hash[3] &+= d
        hash[4] &+= e
        hash[5] &+= f
        hash[6] &+= g
        hash[7] &+= h
    }

    @inline(__always)
    private static func step(
        _ round: Int,
        _ schedule: inout InlineArray<16, UInt32>,
        _ a: UInt32,
        _ b: UInt32,
        _ c: UInt32,
        _ d: inout UInt32,
        _ e: UInt32,
        _ f: UInt32,
        _ g: UInt32,
        _ h: inout UInt32
    ) {
        if round >= 16 {
            let early = schedule[(round + 1) & 15]
            let late = schedule[(round + 14) & 15]
            let sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
            let sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
            schedule[round & 15] &+= sigma0 &+ schedule[(round + 9) & 15] &+ sigma1
        }
        let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
        let choice = g ^ (e & (f ^ g))
        h &+= sum1 &+ choice &+ constants[round] &+ schedule[round & 15]
        d &+= h
        let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
        let majority = (a & b) ^ (c & (a ^ b))
        h &+= sum0 &+ majority
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word &>> count | word &<< (32 - count)
    }

    /// Section 5.3.3: the first 32 bits of the fractional parts of the square roots of the first eight primes.
    private static let initial: Words = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// Section 4.2.2: the same of the cube roots of the first 64 primes.
    private static let constants: InlineArray<64, UInt32> = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
