/// A Lua script that Redis runs as one command.
///
/// Scripts are compared by identity: make one for each text and keep it. The first command on a connection that
/// evaluates it carries the text and has Redis return its digest; later ones send only the digest.
public final class RedisScript: Sendable {
    /// The Lua source.
    public let text: [UInt8]

    public init(_ text: [UInt8]) {
        self.text = text
    }

    /// The SHA-1 of a script's text in 40 hexadecimal digits, by which EVALSHA names it.
    struct Digest: Hashable, Sendable {
        let hexadecimal: [UInt8]

        /// Reads the reply to SCRIPT LOAD; nil if it is not a digest.
        init?(_ reply: RedisReply) {
            guard case .string(let bytes) = reply, bytes.count == 40 else { return nil }
            hexadecimal = bytes
        }
    }

    /// The digest by which EVALSHA names a script (SHA-1, FIPS 180-4), in 40 hexadecimal digits. For proxies that must
    /// recognize a script; a client learns the digest from Redis.
    package static func sha1(of text: [UInt8]) -> [UInt8] {
        var hash: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        for block in stride(from: 0, to: text.count + 9, by: 64) {
            var words = (0..<16).map { index in
                (block + index * 4..<block + index * 4 + 4).reduce(0) { $0 << 8 | UInt32(paddedByte($1, of: text)) }
            }
            for index in 16..<80 {
                let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                words.append(rotated(mixed, by: 1))
            }
            add(words, to: &hash)
        }
        let digits = Array("0123456789abcdef".utf8)
        return hash.flatMap { word in (0..<8).reversed().map { digits[Int(word >> (4 * UInt32($0)) & 0xF)] } }
    }

    /// The byte at `index` of the padded message: the text, a set bit, zeros, and the length in bits (section 5.1.1).
    private static func paddedByte(_ index: Int, of text: [UInt8]) -> UInt8 {
        if index < text.count { return text[index] }
        if index == text.count { return 0x80 }
        let end = (text.count + 8) / 64 * 64 + 64
        let shift = (end - 1 - index) * 8
        return shift < 64 ? UInt8(truncatingIfNeeded: (text.count * 8) >> shift) : 0
    }

    /// The rounds of one block (section 6.1.2).
    private static func add(_ words: [UInt32], to hash: inout [UInt32]) {
        var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
        for (round, word) in words.enumerated() {
            let (mixed, constant): (UInt32, UInt32) =
                switch round {
                case 0..<20: (b & c | ~b & d, 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            (a, b, c, d, e) = (rotated(a, by: 5) &+ mixed &+ e &+ constant &+ word, a, rotated(b, by: 30), c, d)
        }
        for (index, value) in [a, b, c, d, e].enumerated() { hash[index] &+= value }
    }

    private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}

/// The digests of the scripts that a connection has sent.
struct ScriptDigests {
    // There are only a few: a linear search by identity beats hashing.
    private var entries: [(script: RedisScript, digest: Digest)] = []
    /// Whether the server accepts no digests, even if it returns them.
    private var areUseless = false

    private enum Digest {
        case asked
        case refused
        case known(RedisScript.Digest)
    }

    subscript(script: RedisScript) -> RedisScript.Digest? {
        guard !areUseless else { return nil }
        for entry in entries where entry.script === script {
            if case .known(let digest) = entry.digest { return digest }
        }
        return nil
    }

    /// Whether the digest has yet to be requested; marks it as requested.
    mutating func begin(_ script: RedisScript) -> Bool {
        guard !areUseless, !entries.contains(where: { $0.script === script }) else { return false }
        entries.append((script, .asked))
        return true
    }

    /// Takes the server's digest; nil if it returned none, as for a user who may not load scripts.
    mutating func learn(_ digest: RedisScript.Digest?, of script: RedisScript) {
        guard let index = entries.firstIndex(where: { $0.script === script }) else { return }
        entries[index].digest = digest.map { .known($0) } ?? .refused
    }

    /// The server refuses to evaluate by digest: from now on, scripts are sent as text.
    mutating func giveUp() {
        areUseless = true
    }

    /// The connection is lost; known digests stay valid.
    mutating func forgetUnfinished() {
        areUseless = false
        // No closure: the compiler's code for one over these pairs depends on the folder, and two builds must be equal.
        for index in entries.indices.reversed() {
            if case .known = entries[index].digest { continue }
            entries.remove(at: index)
        }
    }
}
