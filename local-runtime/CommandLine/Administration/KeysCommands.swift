import FunctionBytes
import FunctionCore
import FunctionTesting
import LocalRuntimeConsole
import StreamTokens

/// `local-runtime keys`
enum KeysCommands {
    static let create = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "create"],
            summary: "Make an API key and print its secret",
            details: """
                The secret is the only line on standard output and is shown only now: the store
                keeps a digest of it. The organization is made, with unlimited credits, if there
                is none of that name.
                \(Console.auditHelp)
                """,
            options: [
                .init(name: "--org", value: "NAME", summary: "The organization that the key belongs to; required"),
                .init(name: "--limit", value: "N", summary: "Requests in a window, 10 without it"),
                .init(name: "--window", value: "SECONDS", summary: "The window, 1 second without it"),
            ]
        )
    ) { arguments throws(CommandFailure) in
        guard let organization = arguments["--org"] else { throw .usage("--org NAME is missing") }
        let isPrintable = organization.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...200).contains(organization.utf8.count), isPrintable else {
            throw .usage("--org must be 1 to 200 bytes without control characters")
        }
        let rate = RateLimit(
            limit: try arguments.integer("--limit", in: RateLimit.limits),
            seconds: try arguments.integer("--window", in: RateLimit.windowsInSeconds)
        )
        return { console, store in
            let (key, secret) = try await store.makeKey(of: organization, rate)
            let window = JSON.number(rate.seconds).description
            console.messages.line("Key \(key.id) of \(organization): \(rate.limit) requests in \(window) s.")
            console.audit("key_created") {
                $0.member("organization", organization)
                $0.member("organization_tag", key.tag.text)
                $0.member("key", key.id)
                $0.member("limit", rate.limit)
                $0.member("window_ms", rate.window)
            }
            console.output.line(secret)
        }
    }

    static let list = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "list"],
            summary: "List API keys",
            details: """
                id, organization, whether it is enabled, limit and window in seconds: a table on
                a terminal, else separated by tabs.
                """,
            options: [
                .init(name: "--org", value: "NAME", summary: "Only those of one organization"), Record.jsonOption,
            ]
        )
    ) { arguments throws(CommandFailure) in
        let (organization, asJSON) = (arguments["--org"], arguments.isSet("--json"))
        return { console, store in
            if let organization { _ = try await store.existingOrganization(organization) }
            let keys = try await store.keys(of: organization).sorted {
                ($0.organization, $0.id) < ($1.organization, $1.id)
            }
            if keys.isEmpty { console.messages.line("There are no keys.") }
            Record.print(keys.map(Record.init), to: console.output, asJSON: asJSON)
        }
    }

    static let show = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "show"],
            operands: "ID",
            summary: "Show an API key",
            options: [Record.jsonOption],
            isOperand: isID
        )
    ) { arguments throws(CommandFailure) in
        let (id, asJSON) = (try arguments.operand("ID"), arguments.isSet("--json"))
        return { console, store in
            guard let key = try await store.keys(of: nil).first(where: { $0.id == id }) else {
                throw CommandFailure.noKey(id)
            }
            Record(key).print(to: console.output, asJSON: asJSON)
        }
    }

    static let disable = setting("disable", "Disable an API key and make its tokens invalid", enabled: false)
    static let enable = setting("enable", "Enable an API key again", enabled: true)

    private static func setting(_ verb: String, _ summary: String, enabled: Bool) -> CommandDefinition {
        .administration(
            CommandSyntax(
                name: ["keys", verb],
                operands: "ID",
                summary: summary,
                details: Console.auditHelp,
                isOperand: isID
            )
        ) { arguments throws(CommandFailure) in
            let id = try arguments.operand("ID")
            return { console, store in
                guard try await store.setKey(id, enabled: enabled) else { throw CommandFailure.noKey(id) }
                console.audit("key_\(verb)d") { $0.member("key", id) }
                console.messages.line("Key \(id) is \(verb)d.")
            }
        }
    }

    /// Whether a word has the form of a key's id: ten characters of base64url, of which the first may be a dash.
    @Sendable private static func isID(_ word: String) -> Bool {
        word.utf8.count == 10 && word.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
    }
}
