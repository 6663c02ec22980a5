import FunctionCore
import FunctionTesting
import LocalRuntimeConsole
import StreamTokens

extension KeysCommands {
    static let create = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "create"],
            summary: "Make an API key and print its secret",
            details: """
                The secret is the only line on standard output. It cannot be shown again,
                because the store keeps only a digest. An organization that does not exist is
                made, with unlimited credits. If the secret cannot be written, no key is made.
                \(Console.auditHelp)
                """,
            options: [
                .init(name: "--org", value: "NAME", summary: "The organization that the key belongs to; required"),
                .init(name: "--name", value: "NAME", summary: "The key's name, for example its purpose"),
                .init(name: "--limit", value: "N", summary: "Requests per window (default 10)"),
                .init(name: "--window", value: "SECONDS", summary: "The length of the window (default 1)"),
                .init(name: "--require-policy", summary: "The key mints only tokens with a policy"),
            ]
        )
    ) { arguments throws(CommandFailure) in
        guard let organization = try PlainName.read("--org", arguments) else { throw .usage("--org NAME is missing") }
        let name = try PlainName.read("--name", arguments)
        let rate = RateLimit(
            limit: try arguments.integer("--limit", in: RateLimit.limits),
            seconds: try arguments.integer("--window", in: RateLimit.windowsInSeconds)
        )
        let requiresPolicy = arguments.isSet("--require-policy")
        return { console, store in
            try await ChangeGuard.changing {
                let (key, secret) = try await store.makeKey(
                    of: organization,
                    name: name,
                    rate,
                    requiresPolicy: requiresPolicy
                )
                console.output.line(secret)
                if let failure = console.output.failure { throw await undo(key, in: store, because: failure) }
                let terms = terms(rate, requiresPolicy: requiresPolicy)
                console.messages.line("Key \(key.id) of \(organization): \(terms).")
                console.audit("key_created") {
                    $0.member("organization", organization)
                    $0.member("organization_tag", key.tag.text)
                    $0.member("key", key.id)
                    if let name { $0.member("name", name) }
                    $0.member("limit", rate.limit)
                    $0.member("window_ms", rate.window)
                    if requiresPolicy { $0.member("requires_policy", true) }
                }
            }
        }
    }

    /// What an update says of policies; nil if nothing.
    private static func requiresPolicy(_ arguments: Arguments) throws(CommandFailure) -> Bool? {
        switch (arguments.isSet("--require-policy"), arguments.isSet("--no-require-policy")) {
        case (true, true): throw .usage("give one of --require-policy and --no-require-policy")
        case (true, false): true
        case (false, true): false
        case (false, false): nil
        }
    }

    /// `3 requests in 7 s, only tokens with a policy`
    private static func terms(_ rate: RateLimit, requiresPolicy: Bool) -> String {
        rate.text + (requiresPolicy ? ", only tokens with a policy" : "")
    }

    /// Removes the key again: without its secret nobody can use it.
    private static func undo(
        _ key: APIKey,
        in store: any Administration,
        because failure: Output.Failure
    ) async -> CommandFailure {
        let isUndone = (try? await store.removeKey(.key(key))) == true
        let rest = isUndone ? "so there is no key" : "and its key is left: local-runtime keys delete \(key.id)"
        return .couldNotRun("the secret could not be written to standard output (\(failure)), \(rest)")
    }

    static let update = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "update"],
            operands: KeyInput.operand,
            summary: "Change an API key's rate limit, its name, or whether it needs policies",
            details: """
                \(KeyInput.help)
                Give at least one option. The change applies from the next mint on. A new window
                starts the count from zero.
                \(Console.auditHelp)
                """,
            options: [
                .init(name: "--limit", value: "N", summary: "Requests per window"),
                .init(name: "--window", value: "SECONDS", summary: "The length of the window"),
                .init(name: "--name", value: "NAME", summary: "The key's name; an empty one removes it"),
                .init(name: "--require-policy", summary: "From now on the key mints only tokens with a policy"),
                .init(name: "--no-require-policy", summary: "The key mints tokens without a policy too"),
            ],
            isOperand: KeyInput.isID
        )
    ) { arguments throws(CommandFailure) in
        let input = try KeyInput(arguments)
        let change = KeyChange(
            name: try PlainName.read("--name", arguments, allowsEmpty: true),
            limit: try arguments.integer("--limit", in: RateLimit.limits),
            window: try arguments.integer("--window", in: RateLimit.windowsInSeconds).map { $0 * 1000 },
            requiresPolicy: try requiresPolicy(arguments)
        )
        guard change != KeyChange() else {
            throw .usage("give --limit N, --window SECONDS or --name NAME, or --require-policy")
        }
        return { console, store in
            let reference = try input.reference(console)
            let key = try await store.existingKey(reference)
            try await ChangeGuard.changing {
                guard try await store.updateKey(reference, change) else { throw CommandFailure.noKey(key.id) }
                console.audit("key_updated") {
                    $0.member(key)
                    if let name = change.name { $0.member("name", name) }
                    if let limit = change.limit { $0.member("limit", limit) }
                    if let window = change.window { $0.member("window_ms", window) }
                    if let requiresPolicy = change.requiresPolicy { $0.member("requires_policy", requiresPolicy) }
                }
            }
            let rate = RateLimit(limit: change.limit ?? key.rate.limit, window: change.window ?? key.rate.window)
            let terms = terms(rate, requiresPolicy: change.requiresPolicy ?? key.requiresPolicy)
            console.messages.line("Key \(key.id) of \(key.organization): \(terms).")
        }
    }

    static let disable = setting("disable", "Disable an API key and make its tokens invalid", enabled: false)
    static let enable = setting("enable", "Enable an API key again", enabled: true)

    private static func setting(_ verb: String, _ summary: String, enabled: Bool) -> CommandDefinition {
        .administration(
            CommandSyntax(
                name: ["keys", verb],
                operands: KeyInput.operand,
                summary: summary,
                details: """
                    \(KeyInput.help)
                    \(Console.auditHelp)
                    """,
                isOperand: KeyInput.isID
            )
        ) { arguments throws(CommandFailure) in
            let input = try KeyInput(arguments)
            return { console, store in
                let reference = try input.reference(console)
                try await ChangeGuard.changing {
                    // Before it is looked up: a leaked key must not mint meanwhile.
                    guard try await store.setKey(reference, enabled: enabled) else {
                        throw CommandFailure.noKey(reference.id)
                    }
                    let key = try? await store.findKey(reference)
                    console.audit("key_\(verb)d") { json in
                        if let key { json.member(key) } else { json.member("key", reference.id) }
                    }
                    let owner = key.map { " of \($0.organization)" } ?? ""
                    console.messages.line("Key \(reference.id)\(owner) is \(verb)d.")
                }
            }
        }
    }

    static let delete = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "delete"],
            operands: KeyInput.operand,
            summary: "Delete an API key permanently and make its tokens invalid",
            details: """
                \(KeyInput.help)
                Its open streams end within two seconds.
                \(Confirmation.help)
                \(Console.auditHelp)
                """,
            options: [Confirmation.option],
            isOperand: KeyInput.isID
        )
    ) { arguments throws(CommandFailure) in
        let (input, confirmation) = (try KeyInput(arguments), Confirmation(arguments))
        return { console, store in
            try confirmation.check(console)
            let reference = try input.reference(console)
            let key = try await store.existingKey(reference)
            let called = key.name.map { " (\($0))" } ?? ""
            try confirmation.ask("Delete the key \(key.id)\(called) of \(key.organization) permanently?", console)
            try await ChangeGuard.changing {
                guard try await store.removeKey(reference) else { throw CommandFailure.noKey(key.id) }
                console.audit("key_deleted") { $0.member(key) }
            }
            console.messages.line("Key \(key.id) of \(key.organization) is deleted.")
        }
    }
}

extension JSONWriter {
    /// The key's id and its organization.
    fileprivate mutating func member(_ key: KeyRecord) {
        member("organization", key.organization)
        member("key", key.id)
    }
}

extension RateLimit {
    /// `3 requests in 7 s`
    fileprivate var text: String { "\(limit) requests in \(JSON.number(seconds).description) s" }
}
