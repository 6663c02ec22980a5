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
