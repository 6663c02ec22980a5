import Tokens

/// `local-runtime keys show`
struct KeysShowCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["keys", "show"],
        operands: "ID",
        summary: "Show an API key",
        options: [Record.jsonOption, RedisLocation.option],
        isOperand: KeyRecord.isID
    )

    let redis: RedisLocation
    private let id: String
    private let asJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        id = try arguments.operand("ID")
        asJSON = arguments.isSet("--json")
        redis = RedisLocation(argument: arguments["--redis"])
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        guard let key = try await store.keys(of: nil).first(where: { $0.id == id }) else {
            throw CommandFailure.noKey(id)
        }
        Record(key).print(to: console.output, asJSON: asJSON)
        return .success
    }
}
