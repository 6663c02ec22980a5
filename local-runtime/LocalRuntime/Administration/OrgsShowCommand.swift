import Tokens

/// `local-runtime orgs show`
struct OrgsShowCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["orgs", "show"],
        operands: "NAME",
        summary: "Show an organization",
        details: """
            name; tag, which its keys and tokens begin with; credits left; held, the credits
            that reserved tokens hold; open, the streams open now; max_streams, how many may
            be open or reserved at once.
            """,
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

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        let organization = try await store.existingOrganization(name)
        Record(organization).print(to: console.output, asJSON: asJSON)
        return .success
    }
}
