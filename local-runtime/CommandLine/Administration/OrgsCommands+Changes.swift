import FunctionCore
import LocalRuntimeConsole
import StreamTokens

extension OrgsCommands {
    static let set = CommandDefinition.administration(
        CommandSyntax(
            name: ["orgs", "set"],
            operands: "NAME",
            summary: "Change how many streams an organization may have open",
            details: """
                Reserved tokens count as open streams. Streams that are open already stay open.
                Above the limit the stream function responds with 429 and too_many_streams, and
                does not use the token.
                \(Console.auditHelp)
                """,
            options: [
                .init(
                    name: "--max-streams",
                    value: "N",
                    summary: "The number of streams; required. A new organization has 100"
                )
            ]
        )
    ) { arguments throws(CommandFailure) in
        let name = try arguments.operand("NAME")
        guard let count = try arguments.integer("--max-streams", in: 0...1_000_000) else {
            throw .usage("--max-streams N is missing")
        }
        return { console, store in
            try await ChangeGuard.changing {
                guard try await store.setMaxStreams(count, of: name) else { throw CommandFailure.noOrganization(name) }
                console.audit("max_streams_changed") {
                    $0.member("organization", name)
                    $0.member("max_streams", count)
                }
            }
            console.messages.line("\(name) may have \(count.counted("stream")) open at once.")
        }
    }

    static let delete = CommandDefinition.administration(
        CommandSyntax(
            name: ["orgs", "delete"],
            operands: "NAME",
            summary: "Delete an organization permanently, with its keys, tokens and credits",
            details: """
                Its open streams end within two seconds.
                \(Confirmation.help)
                \(Console.auditHelp)
                """,
            options: [Confirmation.option]
        )
    ) { arguments throws(CommandFailure) in
        let (name, confirmation) = (try arguments.operand("NAME"), Confirmation(arguments))
        return { console, store in
            try confirmation.check(console)
            guard let organization = try await store.findOrganization(named: name) else {
                // Remove what an interrupted deletion has left.
                _ = try await ChangeGuard.changing { try await store.removeOrganization(named: name) }
                throw CommandFailure.noOrganization(name)
            }
            let keyCount = try await store.keys(of: name).count
            let parts = "\(keyCount.counted("key")) and \(organization.open.counted("open stream"))"
            try confirmation.ask("Delete \(name) permanently, with \(parts)?", console)
            try await ChangeGuard.changing {
                guard try await store.removeOrganization(named: name) else {
                    throw CommandFailure.noOrganization(name)
                }
                console.audit("organization_deleted") {
                    $0.member("organization", name)
                    $0.member("organization_tag", organization.tag.text)
                    $0.member("keys", keyCount)
                    $0.member("open_streams", organization.open)
                }
            }
            console.messages.line("\(name) is deleted, with \(parts).")
        }
    }
}
