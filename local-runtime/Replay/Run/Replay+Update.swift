package import LocalRuntimeConsole
import LocalRuntimeFixtures

extension Replay {
    /// Writes the expectations that have to be written, and answers what becomes of the fixtures then.
    ///
    /// Each is run again until that makes no difference any more: of a scenario, one step at a time is known.
    package func update(
        _ results: [ReplayResult],
        in backEnd: any BackEnd,
        _ console: Console
    ) async throws(CommandFailure) -> [ReplayResult] {
        var updated: [ReplayResult] = []
        for var result in results {
            var last: FixtureUpdate?
            while let update = result.verdict.update, update != last {
                try update.write(result.files)
                if last == nil { console.messages.line("written: \(result.files.expectation)") }
                last = update
                result = await run(result.files, in: backEnd)
            }
            updated.append(result)
        }
        return updated
    }
}
