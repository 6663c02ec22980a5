import FunctionRedis
import StreamTokens

/// A command as a store sends it to Redis, for what stands between the two: which of the store's operations it is.
package struct StoreCommand: Sendable {
    package enum Operation: Hashable, Sendable {
        case mint
        case check
        case reserve
        case commit
        case release
        case renew
        case end
        case ping
        /// A function finds out what the server can do, on names of no organization.
        case rehearsal
        case other
    }

    package let operation: Operation
    /// The command's name and its arguments.
    package let words: [[UInt8]]

    package init(_ words: [[UInt8]]) {
        self.words = words
        operation = Self.operation(of: words)
    }

    private static func operation(of words: [[UInt8]]) -> Operation {
        guard words.count > 1 else { return words.first.map(name) == "PING" ? .ping : .other }
        return switch name(words[0]) {
        case "EVALSHA": operations[words[1]] ?? .other
        case "EVAL": operations[RedisScript.sha1(of: words[1])] ?? .other
        case "ZREM": words[1].starts(with: "st:{\(Tag.rehearsal)".utf8) ? .rehearsal : .end
        default: .other
        }
    }

    private static func name(_ word: [UInt8]) -> String { String(decoding: word, as: UTF8.self) }

    /// By the digests of the scripts.
    private static let operations: [[UInt8]: Operation] = {
        let scripts: [(RedisScript, Operation)] = [
            (Scripts.mint, .mint), (Scripts.check, .check), (Scripts.reserve, .reserve), (Scripts.commit, .commit),
            (Scripts.release, .release), (Scripts.renew, .renew),
        ]
        var operations: [[UInt8]: Operation] = [:]
        for (script, operation) in scripts {
            operations[RedisScript.sha1(of: script.text)] = operation
            operations[RedisScript.sha1(of: Scripts.rehearsal(of: script).text)] = .rehearsal
        }
        return operations
    }()
}
