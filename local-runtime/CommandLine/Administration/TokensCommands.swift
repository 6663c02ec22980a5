import FunctionCore
import LocalRuntimeConsole
import StreamTokens

/// `local-runtime tokens`
enum TokensCommands {
    static let show = CommandDefinition.administration(
        CommandSyntax(
            name: ["tokens", "show"],
            operands: "[-]",
            summary: "Show what became of a stream token, without spending it",
            details: """
                The token comes from standard input with -, else from STREAM_TOKEN.
                Its state is live, reserved, used, revoked, or unknown: never minted, expired,
                or forgotten since. With it come the ids that log and audit call it by, that of
                its key, and the times that the state has: minted, expires, lease_ends, used_at,
                revoked_at, in UTC. There is no revoked_at if all tokens of its key or
                organization were revoked.
                """,
            options: [Record.jsonOption]
        )
    ) { arguments throws(CommandFailure) in
        let input = try TokenInput(arguments.operands.isEmpty ? nil : arguments.operand("-"), arguments)
        let asJSON = arguments.isSet("--json")
        return { console, store in
            let token = try input.token(console)
            Record(token, try await store.show(token)).print(to: console.output, asJSON: asJSON)
        }
    }

    static let revoke = CommandDefinition.administration(
        CommandSyntax(
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
            ]
        )
    ) { arguments throws(CommandFailure) in
        switch (arguments["--token"], arguments["--org"]) {
        case (let word?, nil):
            revoke(try TokenInput(word, arguments), asJSON: arguments.isSet("--json"))
        case (nil, let name?): revoke(organization: name)
        default: throw .usage("give one of --token - and --org NAME")
        }
    }

    private static func revoke(_ input: TokenInput, asJSON: Bool) -> AdministrationCommand.Work {
        { console, store in
            let token = try input.token(console)
            let before = try await ChangeGuard.changing {
                let before = try await store.revoke(token)
                console.audit("revocation") {
                    $0.member("organization_tag", token.tag.text)
                    $0.member("token", token.id)
                }
                return before
            }
            console.messages.line(message(before))
            Record(token, before).print(to: console.output, asJSON: asJSON)
        }
    }

    private static func revoke(organization name: String) -> AdministrationCommand.Work {
        { console, store in
            try await ChangeGuard.changing {
                guard try await store.revokeTokens(of: name) else { throw CommandFailure.noOrganization(name) }
                console.audit("revocation") { $0.member("organization", name) }
            }
            console.messages.line("Every token of \(name) minted so far is revoked.")
        }
    }

    private static func message(_ before: TokenState) -> String {
        switch before {
        case .live, .reserved, .used: "The token is revoked."
        case .revoked: "The token was revoked already."
        case .unknown: "There is nothing to revoke: the token was never minted, has expired, or is forgotten."
        }
    }
}
