/// What Redis answers to a command (RESP2).
public enum RedisReply: Hashable, Sendable {
    /// The null string or null array: there is nothing.
    case null
    case integer(Int)
    /// A short text such as `OK`.
    case status(String)
    case string([UInt8])
    case array([RedisReply])
    /// A refusal. The client throws it when it is the whole answer, so it is met inside arrays only.
    case error(RedisServerError)

    /// A string's bytes as text; nil if it is none.
    package var text: String? {
        if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}
