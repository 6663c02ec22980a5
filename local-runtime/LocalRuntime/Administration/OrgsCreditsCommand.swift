import Function
import Tokens

/// `local-runtime orgs credits`
struct OrgsCreditsCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
        name: ["orgs", "credits"],
        operands: "NAME",
        summary: "Change an organization's credits and print them",
        details: """
            A stream costs a credit. Exactly one of the first three options has to be there.
            \(Console.auditHelp)
            """,
        options: [
            .init(name: "--add", value: "N", summary: "Add N credits; unlimited ones stay unlimited"),
            .init(name: "--set", value: "N", summary: "Let there be N credits"),
            .init(name: "--unlimited", summary: "Let credits be unlimited"),
            RedisLocation.option,
        ]
    )

    private enum Change: Sendable {
        case add(Int)
        case set(Int?)
    }

    /// Whole numbers stay exact in a double, also after many additions.
    private static let numbers = 0...1_000_000_000_000

    let redis: RedisLocation
    private let name: String
    private let change: Change

    init(_ arguments: Arguments) throws(CommandFailure) {
        name = try arguments.operand("NAME")
        let changes: [Change?] = [
            try arguments.integer("--add", in: Self.numbers).map { .add($0) },
            try arguments.integer("--set", in: Self.numbers).map { .set($0) },
            arguments.isSet("--unlimited") ? .set(nil) : nil,
        ]
        let given = changes.compactMap(\.self)
        guard let change = given.first, given.count == 1 else {
            throw .usage("give one of --add N, --set N and --unlimited")
        }
        self.change = change
        redis = RedisLocation(argument: arguments["--redis"])
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
        guard try await apply(to: store) else { throw CommandFailure.noOrganization(name) }
        console.audit("credits_changed") { json in
            json.member("organization", name)
            switch change {
            case .add(let credits): json.member("added", credits)
            case .set(let credits?): json.member("credits", credits)
            case .set(nil): json.member("credits", "unlimited")
            }
        }
        let credits = try await store.existingOrganization(name).credits
        console.output.line(credits.map(String.init) ?? "unlimited")
        return .success
    }

    /// Answers false if there is no such organization.
    private func apply(to store: any Store) async throws(StoreError) -> Bool {
        switch change {
        case .add(let credits): try await store.addCredits(credits, to: name)
        case .set(let credits): try await store.setCredits(credits, of: name)
        }
    }
}
