import Tokens

/// `local-runtime orgs show`
struct OrgsShowCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["orgs", "show"],
        operands: "NAME",
        summary: "Show an organization",
        options: [Record.jsonOption, RedisLocation.option]
    )

    let redis: RedisLocation
    private let name: String
    private let asJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        name = try arguments.operand("NAME")
        asJSON = arguments.isSet("--json")
        redis = RedisLocation(argument: arguments["--redis"])
    }

    func run(_ console: Console, on store: any Administration) async throws -> ExitCode {
        let organization = try await store.existingOrganization(name)
        Record(organization).print(to: console.output, asJSON: asJSON)
        return .success
    }
}
