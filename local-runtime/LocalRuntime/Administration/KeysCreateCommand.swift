import Function
import Tokens

/// `local-runtime keys create`
struct KeysCreateCommand: AdministrationCommand {
    static let syntax = CommandSyntax(
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
            RedisLocation.option,
        ]
    )

    let redis: RedisLocation
    private let organization: String
    private let rate: RateLimit

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
        guard let organization = arguments["--org"] else { throw .usage("--org NAME is missing") }
        let isPrintable = organization.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...200).contains(organization.utf8.count), isPrintable else {
            throw .usage("--org must be 1 to 200 bytes without control characters")
        }
        self.organization = organization
        rate = RateLimit(
            limit: try arguments.integer("--limit", in: RateLimit.limits),
            seconds: try arguments.integer("--window", in: RateLimit.windowsInSeconds)
        )
        redis = RedisLocation(argument: arguments["--redis"])
    }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode {
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
        return .success
    }
}
