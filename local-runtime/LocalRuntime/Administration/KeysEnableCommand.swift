import Function
import Tokens

/// `local-runtime keys enable`
struct KeysEnableCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["keys", "enable"],
        operands: "ID",
        summary: "Enable an API key again",
        details: Console.auditHelp,
        options: [RedisLocation.option],
        isOperand: KeyRecord.isID
    )

    let redis: RedisLocation
    private let id: String

    init(_ arguments: Arguments) throws(CommandFailure) {
        id = try arguments.operand("ID")
        redis = RedisLocation(argument: arguments["--redis"])
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        guard try await store.setKey(id, enabled: true) else { throw CommandFailure.noKey(id) }
        console.audit("key_enabled") { $0.member("key", id) }
        console.messages.line("Key \(id) is enabled.")
        return .success
    }
}
