import Function
import Tokens

/// `local-runtime keys disable`
struct KeysDisableCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["keys", "disable"],
        operands: "ID",
        summary: "Disable an API key and make its tokens invalid",
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
        guard try await store.setKey(id, enabled: false) else { throw CommandFailure.noKey(id) }
        console.audit("key_disabled") { $0.member("key", id) }
        console.messages.line("Key \(id) is disabled.")
        return .success
    }
}
