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
        summary: "Run event fixtures through the functions and check the responses",
        details: """
            PATH is a folder, a file, a fixture's name, or a pattern such as 'events/*ttl*',
            where * also matches / (default events/).
            A fixture is an event, NAME.json, with its expectation, NAME.expect.json; or a chain
            of events, NAME.scenario.json. Each fixture has its own store in memory, or, with
            --redis, its own organizations in Redis, which are removed afterwards.
            events/README.md describes the format.

            --contract delivers each event and its response in the form of a platform: direct
            (a call of the handler), http, azure and fn (over a socket), v2, streaming, v1, alb
            and alb-multi (as events of AWS). Fixtures that a contract cannot carry are skipped
            and counted.

            --binary runs the functions' executables as on Lambda, with streamed responses, on
            the Redis of --redis. --url calls deployed functions; --redis is then their Redis,
            where the fixtures' organizations are made. Fixtures that need what these targets
            do not offer are skipped and counted.

            Exit codes: 0 all passed, 2 a fixture is unreadable, 3 could not run or was
                        interrupted, 4 an expectation failed.
            """,
        options: ReplayTarget.options + [
            FixtureChoice.filterOption,
            RedisLocation.option("Keep the stores in this Redis server"),
            .init(name: "--update", summary: "Write missing expectations and correct failed ones; not in CI"),
            .repeatable("--report", "FORMAT FILE", "Also write a report, junit or json"),
            .init(name: "--quiet", summary: "Print only failures and the counts"),
            .init(name: "--seed", value: "N", summary: "Run in the order of an earlier run, which printed N"),
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
            throw .usage("--update needs the store in memory and a single contract, without --binary or --url")
        }
        reports = try arguments.all("--report").map { text throws(CommandFailure) in try ReportFile(text) }
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        // A run that nobody watches must not write its own expectations.
        guard !isUpdate || console.environment["CI", default: ""].isEmpty else {
            throw .usage("--update writes expectations, which people must review: it is refused where CI is set")
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
        // The lowest code is the most serious: an unreadable fixture was not checked at all.
        return codes.min { $0.rawValue < $1.rawValue } ?? .success
    }

    /// Writes the expectations. An interruption takes effect between two files, so each is written completely.
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
