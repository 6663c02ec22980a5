/// The version of Redis whose commands a server has, as it says in `INFO server`; servers that took over from Redis say
/// there which one they are like.
struct ServerVersion: Comparable, CustomStringConvertible {
    private let text: Substring
    private let numbers: [Int]

    /// The oldest that has every command that is used, with the options that are.
    static let needed = ServerVersion("6.2")

    /// Takes the reply to INFO; nil if it does not say.
    init?(_ reply: RedisReply) {
        guard case .string(let bytes) = reply else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.hasPrefix(Self.name) }) else { return nil }
        self.init(line.dropFirst(Self.name.count))
        guard !numbers.isEmpty else { return nil }
    }

    private init(_ text: Substring) {
        self.text = text
        numbers = text.split(separator: ".").prefix { Int($0) != nil }.compactMap { Int($0) }
    }

    private static let name = "redis_version:"

    var description: String { String(text) }

    static func < (one: ServerVersion, other: ServerVersion) -> Bool {
        one.numbers.lexicographicallyPrecedes(other.numbers)
    }

    static func == (one: ServerVersion, other: ServerVersion) -> Bool {
        one.numbers == other.numbers
    }
}
