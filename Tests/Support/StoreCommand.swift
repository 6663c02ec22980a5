/// A command as a store on Redis sends it, told by its form.
public struct StoreCommand: Sendable {
    public enum Operation: Hashable, Sendable {
        case mint
        case reserve
        case commit
        case release
        case renew
        case end
        case ping
        /// A function finds out at its start what the server can do: on names of no organization.
        case rehearsal
        case other
    }

    public let operation: Operation
    let arguments: [[UInt8]]

    init(_ arguments: [[UInt8]]) {
        self.arguments = arguments
        operation = Self.operation(of: arguments.map { String(decoding: $0, as: UTF8.self) })
    }

    private static func operation(of words: [String]) -> Operation {
        switch words.first {
        case "PING": return .ping
        case "ZREM": return words.count > 1 && isRehearsed(words[1]) ? .rehearsal : .end
        case "EVALSHA", "EVAL":
            guard words.count > 3, let keys = Int(words[2]) else { return .other }
            guard !isRehearsed(words[3]) else { return .rehearsal }
            // Each script has another number of KEYS or of ARGV.
            switch (keys, words.count - 3 - keys) {
            case (3, 4): return .mint
            case (4, 2): return .release
            case (4, 3): return .reserve
            case (4, 4): return .commit
            case (3..., let rest) where rest == 3 + 4 * (keys - 2): return .renew
            default: return .other
            }
        default: return .other
        }
    }

    private static func isRehearsed(_ key: String) -> Bool { key.hasPrefix("st:{probe") }

    /// As it goes over the wire.
    var encoded: [UInt8] {
        var bytes = Array("*\(arguments.count)\r\n".utf8)
        for argument in arguments { bytes += Array("$\(argument.count)\r\n".utf8) + argument + Array("\r\n".utf8) }
        return bytes
    }
}
