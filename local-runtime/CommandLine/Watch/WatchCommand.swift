import FunctionEventLoop
import Glibc
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay

/// `local-runtime watch`
struct WatchCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["watch"],
        operands: "[PATH...]",
        summary: "Replay fixtures, and each again when it changes, until Ctrl-C",
        details: """
            PATH is a folder, a file or a fixture's name (default events/).
            A fixture runs again as soon as it is written; local-runtime replay --help describes
            fixtures.

            In the package's folder a change of the sources rebuilds this command (swift build
            -c release --product local-runtime), which then restarts itself and runs all
            fixtures. If the build fails, the compiler's errors are printed, and the next change
            builds again.
            """,
        options: [ReplayContract.option, FixtureChoice.filterOption]
    )

    private let choice: FixtureChoice
    private let contracts: [ReplayContract]

    init(_ arguments: Arguments) throws(CommandFailure) {
        choice = FixtureChoice(arguments)
        contracts = try ReplayContract.named(arguments.all("--contract"))
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        Interruption.block()
        _ = try FixtureFiles.find(choice.paths)
        let fixtures = FixtureWatch(choice: choice, contracts: contracts, console: console, loop: loop)
        let fixtureFolders = try Self.watch(fixtures.folders, files: fixtures.givensFiles, on: loop)
        let running = loop.start { await fixtures.run(fixtureFolders) }
        guard let sources = sources(console, loop) else {
            await Interruption.wait(on: loop, orUntil: running)
            return .success
        }
        let sourceFolders = try Self.watch(SourceWatch.folders, on: loop)
        let building = loop.start { await sources.run(sourceFolders) }
        await Interruption.wait(on: loop, orUntil: running)
        // Only a build must be ended in order; fixtures that run leave nothing behind.
        building.cancel()
        await building.value
        return .success
    }

    private func sources(_ console: Console, _ loop: EventLoop) -> SourceWatch? {
        guard SourceWatch.isInPackage else { return nil }
        let log = WatchLog(output: console.output)
        guard let build = Build(environment: console.environment, loop: loop, log: log) else {
            log.line("swift is not on the PATH: changes of the sources are not built")
            return nil
        }
        return SourceWatch(build, log: log, environment: console.environment)
    }

    private static func watch(
        _ folders: [String],
        files: [String] = [],
        on loop: EventLoop
    ) throws(CommandFailure) -> FolderWatch {
        do throws(SystemError) {
            return try FolderWatch(folders, files: files, on: loop)
        } catch {
            throw .couldNotRun(
                "\(folders.joined(separator: ", ")) cannot be watched: \(error);"
                    + " the system's limits are sysctl fs.inotify.max_user_watches and max_user_instances"
            )
        }
    }
}

/// Logs what a watch does, each line with the time of day.
struct WatchLog: Sendable {
    let output: Output

    func line(_ text: String) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { ($0 < 10 ? "0" : "") + String($0) }
        output.line("\(time.joined(separator: ":"))  \(Secrets.masked(text))")
    }
}
