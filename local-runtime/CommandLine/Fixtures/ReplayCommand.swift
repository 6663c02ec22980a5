import FunctionEventLoop
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay

/// `local-runtime replay`
struct ReplayCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["replay"],
        operands: "[PATH...]",
        summary: "Put event fixtures through the functions and compare what they answer",
        details: """
            A PATH is a folder, a file, a fixture's name, or a pattern such as 'events/*ttl*',
            where * stands for folders too; without one it is events/.
            A fixture is NAME.json, the event, and NAME.expect.json, what has to come of
            it; or NAME.scenario.json, a chain of them. Each has a store of its own, in
            memory, or with --redis organizations of its own there, removed afterwards.
            events/README.md tells the format.

            With --contract each event takes the way that a platform would have it take, to
            the function and back. There are direct (a call of the handler), http, azure and
            fn (over a socket), v2, streaming, v1, alb and alb-multi (as events of AWS). What
            a way has no room for is told and counted apart.

            With --binary the functions' executables run as on Lambda, with streams that are
            streamed, on the Redis that --redis names. With --url those that are deployed at
            a URL are asked; --redis names their Redis, where organizations are put that are
            given. What cannot hold there is told and counted apart.
            """,
        options: ReplayTarget.options + [
            FixtureChoice.filterOption,
            RedisLocation.option("Keep what is given in Redis"),
            .init(name: "--update", summary: "Write expectations that are missing or do not hold anew; not in CI"),
            .repeatable("--report", "FORMAT FILE", "Also write a report, junit or json"),
            .init(name: "--quiet", summary: "Print only what fails, and the counts"),
            .init(name: "--seed", value: "N", summary: "The order of the fixtures, as a run before has told it"),
        ]
    )

    private let choice: FixtureChoice
    private let target: ReplayTarget
    private let redis: RedisLocation?
    private let seed: UInt64?
    private let isUpdate: Bool
    private let isQuiet: Bool
    private let reports: [ReportFile]

    init(_ arguments: Arguments) throws(CommandFailure) {
        choice = FixtureChoice(arguments)
        target = try ReplayTarget(arguments)
        redis = arguments["--redis"].map(RedisLocation.init)
        seed = try arguments.integer("--seed", in: 0 ... .max).map(UInt64.init)
        isUpdate = arguments.isSet("--update")
        isQuiet = arguments.isSet("--quiet")
        guard !isUpdate || target.isOneInProcess && redis == nil else {
            throw .usage("--update goes in this process alone, by one contract and in memory")
        }
        reports = try arguments.all("--report").map { text throws(CommandFailure) in try ReportFile(text) }
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        // A run that nobody looks at must not make its own expectations true.
        guard !isUpdate || console.environment["CI", default: ""].isEmpty else {
            throw .usage("--update writes expectations, which is for people to review: not where CI is set")
        }
        let fixtures = try FixtureFiles.find(choice.paths).filter(choice.holds)
        guard !fixtures.isEmpty else {
            throw .usage("no fixture has \(choice.filters.joined(separator: " or ")) in its name")
        }
        for report in reports { try report.check() }
        Interruption.block()
        let redis = try redis.map { location throws(CommandFailure) in try location.server(console) }
        let store = LocalStore(redis, on: loop)
        try await store.ping()
        let backEnds = try target.backEnds(store, environment: console.environment, on: loop)
        let seed = seed ?? UInt64.random(in: 0...999_999)
        if fixtures.count > 1, !isQuiet {
            console.messages.line("\(fixtures.count) fixtures, in the order of --seed \(seed)")
        }
        let replay = Replay(environment: console.environment, seed: seed)
        let run = await Interruption.cancels(on: loop) {
            let results = await replay.run(fixtures, in: backEnds)
            return isUpdate ? await updated(results, by: replay, in: backEnds[0], console) : .success(results)
        }
        await store.close()
        guard let results = try run?.get() else { throw .couldNotRun("interrupted") }
        ReplayReport(output: console.output, isQuiet: isQuiet).print(results)
        for report in reports { try report.write(results, seed: seed) }
        let codes = results.map(\.verdict.exitCode).filter { $0 != .success }
        // The lowest is the gravest: a fixture that cannot be read tells nothing at all.
        return codes.min { $0.rawValue < $1.rawValue } ?? .success
    }

    /// An interruption ends it between two files: each is written as a whole.
    private func updated(
        _ results: [ReplayResult],
        by replay: Replay,
        in backEnd: any BackEnd,
        _ console: Console
    ) async -> Result<[ReplayResult], CommandFailure> {
        do throws(CommandFailure) {
            return .success(try await replay.update(results, in: backEnd, console))
        } catch {
            return .failure(error)
        }
    }
}
