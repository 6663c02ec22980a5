import FoundationEssentials
import FunctionEventLoop
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay

/// Runs fixtures, and runs each again when it changes.
struct FixtureWatch: Sendable {
    let choice: FixtureChoice
    let contracts: [ReplayContract]
    let console: Console
    let loop: EventLoop

    /// Runs until the task is cancelled or the output has no reader. `watch` must watch ``folders``.
    func run(_ watch: FolderWatch) async {
        let log = WatchLog(output: console.output)
        var known = found()
        var board = RedBoard()
        log.line(known.count.counted("fixture"))
        board.add(await replay(known))
        log.line(board.summary)
        while let changes = await watch.next() {
            let now = found()
            let gone = Set(known).subtracting(now).sorted { $0.name < $1.name }
            let changed = now.filter { isTouched($0, by: changes) }
            known = now
            board.remove(gone)
            if !gone.isEmpty { log.line("\(Self.names(gone)) gone") }
            if !changed.isEmpty {
                log.line("\(Self.names(changed)) changed")
                board.add(await replay(changed))
            }
            if !gone.isEmpty || !changed.isEmpty { log.line(board.summary) }
            guard !console.output.isReaderGone else { return }
        }
    }

    /// The folders in which there may be fixtures.
    var folders: [String] {
        choice.paths.map { path in
            FileManager.default.isFolder(path) ? path : FolderWatch.parent(of: path) ?? "."
        }
    }

    /// The paths at which a file of givens may be, in these folders and above.
    var givensFiles: [String] {
        folders.flatMap { GivensSearch(from: $0 == "." ? "" : $0).paths }
    }

    private static func names(_ fixtures: [FixtureFiles]) -> String {
        fixtures.count == 1 ? fixtures[0].name : "\(fixtures.count) fixtures"
    }

    private func found() -> [FixtureFiles] {
        // A path without fixtures is not an error here: there may be some later.
        let all = choice.paths.flatMap { (try? FixtureFiles.find([$0])) ?? [] }
        return Set(all).sorted { $0.name < $1.name }.filter(choice.holds)
    }

    private func isTouched(_ files: FixtureFiles, by changes: Set<String>) -> Bool {
        let own = files.kind == .event ? [files.event, files.expectation] : [files.expectation] + files.deliveredEvents
        func has(_ paths: [String]) -> Bool {
            paths.map(FolderWatch.plain).contains { path in
                changes.contains(path) || changes.contains { path.hasPrefix($0 + "/") }
            }
        }
        // A nearer file of givens may be new, or the nearest one removed.
        return has(own) || has(GivensSearch(from: files.folder).paths) && files.givenName != nil
    }

    /// Runs the fixtures and returns their results; none if the task was cancelled.
    private func replay(_ fixtures: [FixtureFiles]) async -> [ReplayResult] {
        let replay = Replay(environment: console.environment, seed: .random(in: 0 ... .max))
        let results = await replay.run(fixtures, in: contracts.map { InProcess(contract: $0, loop: loop) })
        // The results of a cancelled run are incomplete.
        guard !Task.isCancelled else { return [] }
        ReplayReport(output: console.output).print(results)
        return results
    }
}
