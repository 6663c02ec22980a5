package import FunctionRedis
import FunctionTesting
package import LocalRuntimeFixtures
package import StreamTokensRedis

extension StoreCommand {
    private var name: String { String(decoding: words.first ?? [], as: UTF8.self) }

    /// Whether it evaluates a script: `EVALSHA digest keyCount KEYS… ARGV…`.
    private var isEvaluation: Bool { name == "EVALSHA" || name == "EVAL" }

    private var keyCount: Int { words.count > 2 ? Int(String(decoding: words[2], as: UTF8.self)) ?? 0 : 0 }

    /// Whether it belongs to a store operation and not to the connection.
    var isOperation: Bool { isEvaluation || name == "ZREM" }

    /// The operation that fixtures can name; nil for all others.
    package var named: StoreOperation? {
        switch operation {
        case .mint: .mint
        case .reserve: .reserve
        case .commit: .commit
        case .admit: .admit
        case .release: .release
        case .end: .end
        case .check, .renew, .ping, .rehearsal, .other: nil
        }
    }

    /// Whether it repeats `other`. A script may be sent whole at first and by its digest later, and a mint alone at
    /// first and with others later.
    func repeats(_ other: StoreCommand) -> Bool {
        guard operation == other.operation else { return false }
        guard operation == .mint else { return words.dropFirst(2) == other.words.dropFirst(2) }
        return !Set(mintedNames).isDisjoint(with: other.mintedNames)
    }

    /// The tokens' names of a mint: all KEYS behind the organization and the key.
    private var mintedNames: ArraySlice<[UInt8]> { words.dropFirst(5).prefix(max(0, keyCount - 2)) }

    /// The command for the real server; nil if it concerns only the connection. A script's clock, its first ARGV, is set to
    /// `now`.
    package func passed(at now: Int) -> RedisCommand? {
        var command: RedisCommand
        switch name {
        case "EVALSHA": command = RedisCommand("EVALSHA")
        case "EVAL": command = RedisCommand("EVAL")
        case "SCRIPT": command = RedisCommand("SCRIPT")
        case "ZREM": command = RedisCommand("ZREM")
        case "PING": command = RedisCommand("PING")
        case "INFO": command = RedisCommand("INFO")
        default: return nil
        }
        let clock = isEvaluation ? 3 + keyCount : words.count
        for (index, word) in words.enumerated().dropFirst() {
            if index == clock { command.append("=\(now)") } else { command.append(word) }
        }
        return command
    }
}
