import Tokens

/// `local-runtime keys list`
struct KeysListCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["keys", "list"],
        summary: "List API keys",
        details: """
            id, organization, whether it is enabled, limit and window in seconds: a table on
            a terminal, else separated by tabs.
            """,
        options: [
            .init(name: "--org", value: "NAME", summary: "Only those of one organization"),
            Record.jsonOption,
            RedisLocation.option,
        ]
    )

    let redis: RedisLocation
    private let organization: String?
    private let asJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
        organization = arguments["--org"]
        asJSON = arguments.isSet("--json")
        redis = RedisLocation(argument: arguments["--redis"])
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        if let organization { _ = try await store.existingOrganization(organization) }
        let keys = try await store.keys(of: organization).sorted { ($0.organization, $0.id) < ($1.organization, $1.id) }
        if keys.isEmpty { console.messages.line("There are no keys.") }
        Record.print(keys.map(Record.init), to: console.output, asJSON: asJSON)
        return .success
    }
}
