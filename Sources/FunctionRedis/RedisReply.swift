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

/// What INFO tells, read as bytes: the text of a server that is none may be of any kind and length.
extension RedisReply {
    /// The lines of the reply to INFO; nil if it is none.
    var infoLines: [ArraySlice<UInt8>]? {
        guard case .string(let bytes) = self else { return nil }
        return bytes.split { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    /// What stands behind `name:` in a line, at most 64 bytes of it; nil if there is no such line.
    func infoValue(_ name: StaticString) -> String? {
        let prefix = "\(name):".utf8
        guard let line = infoLines?.first(where: { $0.starts(with: prefix) }) else { return nil }
        return String(decoding: line.dropFirst(prefix.count).prefix(64), as: UTF8.self)
    }

    /// Whether `INFO server` says that the server is a node of a cluster.
    var isOfCluster: Bool { infoValue("redis_mode") == "cluster" }
}

/// The version of Redis whose commands a server has, as it says in `INFO server`; servers that took over from Redis say
/// there which one they are like.
struct ServerVersion: Comparable, CustomStringConvertible {
    private let text: Substring
    private let numbers: [Int]

    /// The oldest that has every command that is used, with the options that are.
    static let needed = ServerVersion("6.2")

    /// Takes the reply to INFO; nil if it does not say.
    init?(_ reply: RedisReply) {
        guard let text = reply.infoValue("redis_version") else { return nil }
        self.init(text[...])
        guard !numbers.isEmpty else { return nil }
    }

    private init(_ text: Substring) {
        self.text = text
        // What does not fit into an Int ends the version, as a word does.
        numbers = text.split(separator: ".").prefix { Int($0) != nil }.compactMap { Int($0) }
    }

    var description: String { String(text) }

    static func < (one: ServerVersion, other: ServerVersion) -> Bool {
        one.numbers.lexicographicallyPrecedes(other.numbers)
    }

    static func == (one: ServerVersion, other: ServerVersion) -> Bool {
        one.numbers == other.numbers
    }
}
