import FunctionCore
import FunctionTesting
import LocalRuntimeConsole
import StreamTokens

/// `local-runtime keys`: the commands that change nothing; `KeysCommands+Changes.swift` has the others.
enum KeysCommands {
    static let list = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "list"],
            summary: "List API keys",
            details: """
                One line per key: id, organization, whether it is enabled, limit, window in
                seconds, name. On a terminal a table with a header; otherwise separated by tabs.
                If one of the keys mints only tokens with a policy, a last field says so.
                """,
            options: [
                .init(name: "--org", value: "NAME", summary: "Only the keys of this organization"), Record.jsonOption,
            ]
        )
    ) { arguments throws(CommandFailure) in
        let (organization, asJSON) = (arguments["--org"], arguments.isSet("--json"))
        return { console, store in
            if let organization { _ = try await store.existingOrganization(organization) }
            let keys = try await store.keys(of: organization)
            if keys.isEmpty { console.messages.line("There are no keys.") }
            let tellsPolicy = keys.contains(where: \.requiresPolicy)
            Record.print(keys.map { Record($0, tellsPolicy: tellsPolicy) }, to: console.output, asJSON: asJSON)
        }
    }

    static let show = CommandDefinition.administration(
        CommandSyntax(
            name: ["keys", "show"],
            operands: KeyInput.operand,
            summary: "Show an API key",
            details: """
                \(KeyInput.help)
                Prints id, organization, whether it is enabled, limit, window in seconds, name,
                and whether it mints only tokens with a policy if it does.
                """,
            options: [Record.jsonOption],
            isOperand: KeyInput.isID
        )
    ) { arguments throws(CommandFailure) in
        let (input, asJSON) = (try KeyInput(arguments), arguments.isSet("--json"))
        return { console, store in
            let key = try await store.existingKey(try input.reference(console))
            Record(key, tellsPolicy: key.requiresPolicy).print(to: console.output, asJSON: asJSON)
        }
    }
}

extension Administration {
    /// Finds the key; throws if there is none.
    func existingKey(_ key: KeyReference) async throws -> KeyRecord {
        guard let record = try await findKey(key) else { throw CommandFailure.noKey(key.id) }
        return record
    }
}
