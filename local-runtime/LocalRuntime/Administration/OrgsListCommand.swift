import Tokens

/// `local-runtime orgs list`
struct OrgsListCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["orgs", "list"],
        summary: "List organizations",
        details: """
            name, tag, credits, credits held by reservations, open streams, the most streams
            open at once: a table on a terminal, else separated by tabs.
            """,
        options: [Record.jsonOption, RedisLocation.option]
    )

    let redis: RedisLocation
    private let asJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
        asJSON = arguments.isSet("--json")
        redis = RedisLocation(argument: arguments["--redis"])
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        let organizations = try await store.organizations()
        if organizations.isEmpty { console.messages.line("There are no organizations.") }
        Record.print(organizations.map(Record.init), to: console.output, asJSON: asJSON)
        return .success
    }
}
