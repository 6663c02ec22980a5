import Tokens

/// `local-runtime tokens show`
struct TokensShowCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["tokens", "show"],
        operands: "[-]",
        summary: "Show what became of a stream token, without spending it",
        details: """
            The token comes from standard input with -, else from STREAM_TOKEN.
            Its state is live, reserved, used, revoked, or unknown: never minted, expired,
            or forgotten since. With it come the id of its key and the times that the
            state has: minted, expires, lease_ends, used_at, revoked_at, in UTC. There is
            no revoked_at if all tokens of its key or organization were revoked.
            """,
        options: [Record.jsonOption, RedisLocation.option]
    )

    let redis: RedisLocation
    private let input: TokenInput
    private let asJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        redis = RedisLocation(argument: arguments["--redis"])
        input = try TokenInput(arguments.operands.isEmpty ? nil : arguments.operand("-"), redis: redis)
        asJSON = arguments.isSet("--json")
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        let state = try await store.show(try input.token(console))
        Record(state).print(to: console.output, asJSON: asJSON)
        return .success
    }
}
