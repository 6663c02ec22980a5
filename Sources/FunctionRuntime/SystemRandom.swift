import CFunctionLinux
import Glibc

/// The system's random bits (getrandom(2)), fetched 4 KiB at a time: a system call for each token would cost more than
/// the token's digest. Each loop has its own, confined to the loop's thread.
public final class SystemRandom: @unchecked Sendable {
    // Unchecked: `words` is touched only on the loop's thread.
    private var words: [UInt64] = []

    public init() {}

    /// 64 random bits, never returned twice.
    public func next() -> UInt64 {
        if words.isEmpty { words = Self.fetch() }
        return words.removeLast()
    }

    private static func fetch() -> [UInt64] {
        var block = [UInt64](repeating: 0, count: 512)
        block.withUnsafeMutableBytes { bytes in
            var filled = 0
            while filled < bytes.count {
                let count = getrandom(bytes.baseAddress! + filled, bytes.count - filled, 0)
                // Better no process than guessable tokens.
                precondition(count > 0 || errno == EINTR, "getrandom failed")
                filled += max(count, 0)
            }
        }
        return block
    }
}
