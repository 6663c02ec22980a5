import Function
import Tokens

/// `local-runtime tokens revoke`
struct TokensRevokeCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["tokens", "revoke"],
        summary: "Revoke a stream token, or all of an organization",
        details: """
            Streams that are open end within two seconds. Of a token it is printed what it
            was before, as tokens show does. Exactly one of the first two options has to be
            there.
            \(Console.auditHelp)
            """,
        options: [
            .init(name: "--token", value: "-", summary: "Revoke the token that comes on standard input"),
            .init(name: "--org", value: "NAME", summary: "Revoke every token minted so far of an organization"),
            Record.jsonOption,
            RedisLocation.option,
        ]
    )

    private enum Target: Sendable {
        case token(TokenInput)
        case organization(String)
    }

    let redis: RedisLocation
    private let target: Target
    private let asJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
        redis = RedisLocation(argument: arguments["--redis"])
        switch (arguments["--token"], arguments["--org"]) {
        case (let word?, nil): target = .token(try TokenInput(word, redis: redis))
        case (nil, let name?): target = .organization(name)
        default: throw .usage("give one of --token - and --org NAME")
        }
        asJSON = arguments.isSet("--json")
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        switch target {
        case .token(let input):
            let token = try input.token(console)
            let before = try await store.revoke(token)
            console.audit("revocation") {
                $0.member("organization_tag", token.tag.text)
                $0.member("token", token.id)
            }
            console.messages.line(Self.message(before))
            Record(before).print(to: console.output, asJSON: asJSON)
        case .organization(let name):
            guard try await store.revokeTokens(of: name) else { throw CommandFailure.noOrganization(name) }
            console.audit("revocation") { $0.member("organization", name) }
            console.messages.line("Every token of \(name) minted so far is revoked.")
        }
        return .success
    }

    private static func message(_ before: TokenState) -> String {
        switch before {
        case .live, .reserved, .used: "The token is revoked."
        case .revoked: "The token was revoked already."
        case .unknown: "There is nothing to revoke: the token was never minted, has expired, or is forgotten."
        }
    }
}
