/// A Lua script that Redis runs as one command.
///
/// It is known by identity: make one of each text and keep it. The first command of a connection that evaluates it
/// carries the text and has Redis tell its digest; later ones name the digest alone.
public final class RedisScript: Sendable {
    /// The Lua source.
    public let text: [UInt8]

    public init(_ text: [UInt8]) {
        self.text = text
    }

    /// The SHA-1 of a script's text in 40 hexadecimal digits, by which EVALSHA names it.
    struct Digest: Hashable, Sendable {
        let hexadecimal: [UInt8]

        /// Takes what SCRIPT LOAD answers; nil if that is no digest.
        init?(_ reply: RedisReply) {
            guard case .string(let bytes) = reply, bytes.count == 40 else { return nil }
            hexadecimal = bytes
        }
    }
}
