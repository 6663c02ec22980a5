import FunctionCore
import LocalRuntimeConsole
import StreamTokens

/// `local-runtime orgs`: list, show and credits; `OrgsCommands+Changes.swift` has the others.
enum OrgsCommands {
    static let list = CommandDefinition.administration(
        CommandSyntax(
            name: ["orgs", "list"],
            summary: "List organizations",
            details: """
                One line per organization: name, tag, credits, credits held by reserved tokens,
                open streams, the maximum of open streams. On a terminal a table with a header;
                otherwise separated by tabs.
                """,
            options: [Record.jsonOption]
        )
    ) { arguments throws(CommandFailure) in
        let asJSON = arguments.isSet("--json")
        return { console, store in
            let organizations = try await store.organizations()
            if organizations.isEmpty { console.messages.line("There are no organizations.") }
            Record.print(organizations.map(Record.init), to: console.output, asJSON: asJSON)
        }
    }

    static let show = CommandDefinition.administration(
        CommandSyntax(
            name: ["orgs", "show"],
            operands: "NAME",
            summary: "Show an organization",
            details: """
                Prints one line each:
                  name         the organization's name
                  tag          what its keys and tokens begin with, after sk_ or pub_tok_
                  credits      the credits left
                  held         the credits that reserved tokens hold
                  open         the streams open now
                  max_streams  how many streams may be open or reserved at once
                """,
            options: [Record.jsonOption]
        )
    ) { arguments throws(CommandFailure) in
        let (name, asJSON) = (try arguments.operand("NAME"), arguments.isSet("--json"))
        return { console, store in
            let organization = try await store.existingOrganization(name)
            Record(organization).print(to: console.output, asJSON: asJSON)
        }
    }

    static let credits = CommandDefinition.administration(
        CommandSyntax(
            name: ["orgs", "credits"],
            operands: "NAME",
            summary: "Change an organization's credits and print them",
            details: """
                A stream costs one credit. Give exactly one of --add, --set and --unlimited.
                \(Console.auditHelp)
                """,
            options: [
                .init(name: "--add", value: "N", summary: "Add N credits; unlimited credits stay unlimited"),
                .init(name: "--set", value: "N", summary: "Set the credits to N"),
                .init(name: "--unlimited", summary: "Make the credits unlimited"),
            ]
        )
    ) { arguments throws(CommandFailure) in
        let name = try arguments.operand("NAME")
        let change = try Change(arguments)
        return { console, store in
            try await ChangeGuard.changing {
                guard try await change.apply(to: name, in: store) else { throw CommandFailure.noOrganization(name) }
                console.audit("credits_changed") { json in
                    json.member("organization", name)
                    switch change {
                    case .add(let credits): json.member("added", credits)
                    case .set(let credits?): json.member("credits", credits)
                    case .set(nil): json.member("credits", "unlimited")
                    }
                }
            }
            let credits = try await store.existingOrganization(name).credits
            console.output.line(credits.map(String.init) ?? "unlimited")
        }
    }

    private enum Change: Sendable {
        case add(Int)
        case set(Int?)

        /// Bounded so that the number stays exact as a double, even after many additions.
        private static let numbers = 0...1_000_000_000_000

        init(_ arguments: Arguments) throws(CommandFailure) {
            let changes: [Change?] = [
                try arguments.integer("--add", in: Self.numbers).map { .add($0) },
                try arguments.integer("--set", in: Self.numbers).map { .set($0) },
                arguments.isSet("--unlimited") ? .set(nil) : nil,
            ]
            let given = changes.compactMap(\.self)
            guard let change = given.first, given.count == 1 else {
                throw .usage("give one of --add N, --set N and --unlimited")
            }
            self = change
        }

        /// Returns false if there is no such organization.
        func apply(to name: String, in store: any Administration) async throws(StoreError) -> Bool {
            switch self {
            case .add(let credits): try await store.addCredits(credits, to: name)
            case .set(let credits): try await store.setCredits(credits, of: name)
            }
        }
    }
}
