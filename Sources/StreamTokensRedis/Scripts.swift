import FunctionRedis
import StreamTokens

/// The store's operations as Lua scripts, one for each. Several begin with the same parts.
enum Scripts {
    static let mint = script(clock, PackageResources.read_lua, PackageResources.counter_lua, PackageResources.mint_lua)
    static let check = script(clock, record, leases, refusal, PackageResources.check_lua)
    static let reserve = script(clock, record, leases, refusal, PackageResources.reserve_lua)
    static let commit = script(clock, record, leases, charge, PackageResources.commit_lua)
    static let admit = script(clock, record, leases, refusal, charge, PackageResources.admit_lua)
    static let release = script(clock, record, PackageResources.release_lua)
    static let renew = script(clock, record, leases, PackageResources.renew_lua)
    static let revoke = script(clock, record, PackageResources.revoke_lua)
    static let show = script(clock, record, PackageResources.show_lua)
    static let beginRun = script(clock, run, PackageResources.begin_run_lua)
    static let renewRuns = script(clock, run, PackageResources.renew_runs_lua)
    static let attach = script(clock, record, run, resume, PackageResources.attach_lua)
    static let stopRun = script(clock, record, run, resume, PackageResources.stop_run_lua)
    static let renewReaders = script(clock, run, PackageResources.renew_readers_lua)
    static let loseRun = script(clock, run, PackageResources.lose_run_lua)
    static let endRun = script(clock, record, run, PackageResources.end_run_lua)
    static let organization = script(clock, leases, PackageResources.organization_lua)
    static let configure = script(PackageResources.configure_lua)
    static let addCredits = script(PackageResources.add_credits_lua)
    static let addKey = script(PackageResources.add_key_lua)
    static let setKey = script(PackageResources.set_key_lua)
    static let updateKey = script(PackageResources.update_key_lua)
    static let removeKey = script(PackageResources.remove_key_lua)
    static let removeOrganization = script(PackageResources.remove_organization_lua)
    static let useKey = script(clock, PackageResources.counter_lua, PackageResources.use_key_lua)

    /// The script with the prelude that makes it a rehearsal.
    static func rehearsal(of script: RedisScript) -> RedisScript {
        RedisScript(PackageResources.rehearse_lua + script.text)
    }

    private static let clock = PackageResources.clock_lua
    private static let record = PackageResources.read_lua + PackageResources.record_lua
    private static let run = PackageResources.run_lua
    private static let resume = PackageResources.resume_lua
    private static let leases = PackageResources.leases_lua
    private static let refusal = PackageResources.refusal_lua

    private static let charge = PackageResources.charge_lua

    private static func script(_ parts: [UInt8]...) -> RedisScript {
        RedisScript(Array(parts.joined()))
    }
}

/// A command from a store to Redis, for proxies between them: tells which operation of the store it is.
package struct StoreCommand: Sendable {
    package enum Operation: Hashable, Sendable {
        case mint
        case check
        case reserve
        case commit
        case admit
        case release
        case renew
        case end
        case ping
        /// A function checks what the server can do, under names that no organization has.
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
        case "ZREM": isRehearsal(words[1]) ? .rehearsal : .end
        case "XADD", "XTRIM", "XRANGE": isRehearsal(words[1]) ? .rehearsal : .other
        // XREAD COUNT 16 STREAMS log …
        case "XREAD": words.count > 4 && isRehearsal(words[4]) ? .rehearsal : .other
        default: .other
        }
    }

    private static func isRehearsal(_ key: [UInt8]) -> Bool { key.starts(with: "st:{\(Tag.rehearsal)".utf8) }

    private static func name(_ word: [UInt8]) -> String { String(decoding: word, as: UTF8.self) }

    /// The operations by the digests of their scripts.
    private static let operations: [[UInt8]: Operation] = {
        let scripts: [(RedisScript, Operation)] = [
            (Scripts.mint, .mint), (Scripts.check, .check), (Scripts.reserve, .reserve), (Scripts.commit, .commit),
            (Scripts.admit, .admit), (Scripts.release, .release), (Scripts.renew, .renew),
            (Scripts.beginRun, .other), (Scripts.renewRuns, .other), (Scripts.attach, .other),
            (Scripts.stopRun, .other), (Scripts.renewReaders, .other), (Scripts.loseRun, .other),
            (Scripts.endRun, .other),
        ]
        var operations: [[UInt8]: Operation] = [:]
        for (script, operation) in scripts {
            operations[RedisScript.sha1(of: script.text)] = operation
            operations[RedisScript.sha1(of: Scripts.rehearsal(of: script).text)] = .rehearsal
        }
        return operations
    }()
}
