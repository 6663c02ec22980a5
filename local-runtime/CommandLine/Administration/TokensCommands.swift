import FunctionCore
import LocalRuntimeConsole
import StreamTokens

/// `local-runtime tokens`
enum TokensCommands {
    static let show = CommandDefinition.administration(
        CommandSyntax(
            name: ["tokens", "show"],
            operands: "[-]",
            summary: "Show a stream token's state, without using it",
            details: """
                - reads the token from standard input; without it the token is STREAM_TOKEN.
                Prints one line each:
                  state             live, reserved, used, revoked, or unknown: never minted,
                                    expired, or no longer in the store
                  token_id          the token's id in the log and the audit log
                  organization_tag  the tag of its organization
                  key_id            the id of the key that minted it
                and the times of the state, in UTC: minted, expires, lease_ends, used_at,
                revoked_at. There is no revoked_at if all tokens of its key or organization
                were revoked. Of a token with a policy also what that decides:
                  user              the end user
                  workflows, allow, origins, max_seconds, opens, resume_seconds
                  locked            the names of the locked variables; nobody sees values
                  last_refusal      why an attempt was refused last, and last_refusal_at
                Once a token is used or revoked, only user and last_refusal stay after its
                expiry.
                """,
            options: [Record.jsonOption]
        )
    ) { arguments throws(CommandFailure) in
        let input = try TokenInput(arguments.operands.isEmpty ? nil : arguments.operand("-"), arguments)
        let asJSON = arguments.isSet("--json")
        return { console, store in
            let token = try input.token(console)
            Record(token, try await store.inspect(token)).print(to: console.output, asJSON: asJSON)
        }
    }

    static let revoke = CommandDefinition.administration(
        CommandSyntax(
            name: ["tokens", "revoke"],
            summary: "Revoke a stream token, or all tokens of an organization",
            details: """
                Give exactly one of --token and --org. Open streams of the tokens end within two
                seconds. --token also prints the token's state before, as tokens show does.
                \(Console.auditHelp)
                """,
            options: [
                .init(name: "--token", value: "-", summary: "Revoke the token on standard input"),
                .init(name: "--org", value: "NAME", summary: "Revoke every token of the organization minted so far"),
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
            Record(token, TokenDetails(before)).print(to: console.output, asJSON: asJSON)
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
        case .revoked: "The token was already revoked."
        case .unknown:
            "There is nothing to revoke: the token was never minted, has expired, or is no longer in the store."
        }
    }
}
