/// The reply of Redis to a command (RESP2).
public enum RedisReply: Hashable, Sendable {
    /// The null string or null array: no value.
    case null
    case integer(Int)
    /// A short text such as `OK`.
    case status(String)
    case string([UInt8])
    case array([RedisReply])
    /// An error. The client throws it if it is the whole reply, so callers find it only inside arrays.
    case error(RedisServerError)

    /// A string's bytes as text; nil if it is not a string.
    package var text: String? {
        if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}

/// The fields of the reply to INFO. They are read as bytes, because something other than Redis may send text of any
/// kind and length.
extension RedisReply {
    /// The lines of the reply to INFO; nil if it is not a string.
    var infoLines: [ArraySlice<UInt8>]? {
        guard case .string(let bytes) = self else { return nil }
        return bytes.split { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    /// The text behind `name:` in a line, at most 64 bytes of it; nil if there is no such line.
    func infoValue(_ name: StaticString) -> String? {
        let prefix = "\(name):".utf8
        guard let line = infoLines?.first(where: { $0.starts(with: prefix) }) else { return nil }
        return String(decoding: line.dropFirst(prefix.count).prefix(64), as: UTF8.self)
    }

    /// Whether `INFO server` says that the server is a cluster node. Redis and Valkey have different names for that line.
    var isOfCluster: Bool { (infoValue("redis_mode") ?? infoValue("server_mode")) == "cluster" }
}

/// The version of Redis that `INFO server` reports. Servers derived from Redis report the one that they are compatible
/// with.
struct ServerVersion: Comparable, CustomStringConvertible {
    private let text: Substring
    private let numbers: [Int]

    /// The oldest version that has every command and option in use.
    static let needed = ServerVersion("6.2")

    /// Reads the reply to INFO; nil if it names no version.
    init?(_ reply: RedisReply) {
        guard let text = reply.infoValue("redis_version") else { return nil }
        self.init(text[...])
        guard !numbers.isEmpty else { return nil }
    }

    private init(_ text: Substring) {
        self.text = text
        // The version ends at the first part that is not an Int.
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
