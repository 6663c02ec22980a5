import EventLoop

/// `local-runtime replay`
struct ReplayCommand: Command {
    static let syntax = CommandSyntax(
        name: ["replay"],
        operands: "[PATH...]",
        summary: "Put event fixtures through the functions and compare what they answer",
        details: """
            A PATH is a folder, a file, or a fixture's name; without one it is events/.
            Each fixture is NAME.json, the event, and NAME.expect.json, what has to come
            of it. It has a store in memory of its own. events/README.md tells the format.

            With --contract each event takes the way that a platform would have it take, to
            the function and back. There are direct (a call of the handler), http, azure and
            fn (over a socket), v2, streaming, v1, alb and alb-multi (as events of AWS). What
            a way has no room for is told and counted apart.
            """,
        options: [
            .init(
                name: "--contract",
                value: "NAME",
                summary: "By which way events come, or all; may be given again for more (direct)",
                isRepeatable: true
            ),
            .init(
                name: "--filter",
                value: "TEXT",
                summary: "Only fixtures whose name holds TEXT; may be given again for more",
                isRepeatable: true
            ),
        ]
    )

    private let paths: [String]
    private let filters: [String]
    private let contracts: [ReplayContract]

    init(_ arguments: Arguments) throws(CommandFailure) {
        paths = arguments.operands.isEmpty ? ["events/"] : arguments.operands
        filters = arguments.all("--filter")
        contracts = try ReplayContract.named(arguments.all("--contract"))
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let fixtures = try FixtureFiles.find(paths).filter { files in
            filters.isEmpty || filters.contains { files.name.contains($0) }
        }
        guard !fixtures.isEmpty else { throw .usage("no fixture has \(filters.joined(separator: " or ")) in its name") }
        var results: [ReplayResult] = []
        for contract in contracts {
            let verdicts = await Replay(contract: contract, loop: loop).run(fixtures)
            results += zip(fixtures, verdicts).map { ReplayResult(files: $0, contract: contract, verdict: $1) }
        }
        ReplayReport(output: console.output).print(results)
        let verdicts = results.map(\.verdict)
        let codes = verdicts.map(\.exitCode).filter { $0 != .success }
        // The lowest is the gravest: a fixture that cannot be read tells nothing at all.
        return codes.min { $0.rawValue < $1.rawValue } ?? .success
    }
}
