import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionTesting
import LocalRuntimeConsole
import StreamTokens

/// A command that works on a store's organizations, keys and tokens.
struct AdministrationCommand: Command {
    typealias Store = LocalStore.Base
    /// The command's work, once its arguments are read.
    typealias Work = @Sendable (_ console: Console, _ store: any Store) async throws -> Void

    let redis: RedisLocation
    let work: Work

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        if console.isOfProcess { ChangeGuard.install() }
        let store = LocalStore(try redis.server(console), on: loop)
        do {
            try await work(console, store.administration)
            await store.close()
            return .success
        } catch {
            await store.close()
            throw (error as? CommandFailure) ?? store.failure(error)
        }
    }
}

extension CommandDefinition {
    /// A command that works on the store of `--redis` or REDIS_URL. `work` interprets its arguments.
    static func administration(
        _ syntax: CommandSyntax,
        _ work: @escaping @Sendable (Arguments) throws(CommandFailure) -> AdministrationCommand.Work
    ) -> CommandDefinition {
        var syntax = syntax
        syntax.options.append(RedisLocation.option("The Redis server (default REDIS_URL)"))
        return CommandDefinition(syntax) { [syntax] arguments throws(CommandFailure) in
            if syntax.operands.isEmpty { try arguments.refuseOperands() }
            let redis = RedisLocation(argument: arguments["--redis"])
            return AdministrationCommand(redis: redis, work: try work(arguments))
        }
    }
}

extension CommandFailure {
    static func noKey(_ id: String) -> CommandFailure {
        .couldNotRun("there is no key \(id); see local-runtime keys list")
    }

    static func noOrganization(_ name: String) -> CommandFailure {
        .couldNotRun("there is no organization \(name); see local-runtime orgs list")
    }
}

extension Administration {
    func existingOrganization(_ name: String) async throws -> Organization {
        guard let organization = try await findOrganization(named: name) else {
            throw CommandFailure.noOrganization(name)
        }
        return organization
    }
}

extension Console {
    static let auditHelp = "With AUDIT_LOG=on, a JSON line on standard error records the change and the user."

    /// Writes an audit line in the format of the functions' audit log, if AUDIT_LOG is on.
    ///
    /// `members` adds members to the event and the user. The user is the one who called sudo, not the one it switched to.
    func audit(_ event: String, _ members: (inout JSONWriter) -> Void) {
        guard environment["AUDIT_LOG"] == "on" else { return }
        var json = JSONWriter()
        json.object {
            $0.member("time", CalendarTime.rfc3339(milliseconds: WallClock.milliseconds))
            $0.member("level", "info")
            $0.member("message", "audit")
            $0.member("event", event)
            $0.member("user", environment["SUDO_USER"] ?? UserName.own(environment))
            members(&$0)
        }
        messages.line(String(decoding: json.finish(), as: UTF8.self))
    }
}
