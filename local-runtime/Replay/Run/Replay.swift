package import LocalRuntimeConsole
package import LocalRuntimeFixtures

/// Runs fixtures on back ends, many at once, in an order that depends on a seed.
package struct Replay: Sendable {
    package let environment: [String: String]
    package var seed: UInt64 = 0

    package init(environment: [String: String], seed: UInt64 = 0) {
        self.environment = environment
        self.seed = seed
    }

    /// Each fixture may have its own server, with a thread and sockets.
    private static let maxAtOnce = 16

    /// The results, in the order of the back ends, and for each back end in the order of `fixtures`.
    package func run(_ fixtures: [FixtureFiles], in backEnds: [any BackEnd]) async -> [ReplayResult] {
        var generator = SplitMix64(seed: seed)
        let order = fixtures.indices.shuffled(using: &generator)
        return await withTaskGroup(of: (Int, [ReplayResult]).self) { group in
            var results: [Int: [ReplayResult]] = [:]
            for (started, index) in order.enumerated() {
                if started >= Self.maxAtOnce, let (index, result) = await group.next() { results[index] = result }
                group.addTask { (index, await run(fixtures[index], in: backEnds)) }
            }
            for await (index, result) in group { results[index] = result }
            return backEnds.indices.flatMap { backEnd in fixtures.indices.compactMap { results[$0]?[backEnd] } }
        }
    }

    package func run(_ files: FixtureFiles, in backEnd: any BackEnd) async -> ReplayResult {
        // There is one result for each back end.
        await run(files, in: [backEnd])[0]
    }

    /// Reads the fixture once and runs it on one back end after the other.
    private func run(_ files: FixtureFiles, in backEnds: [any BackEnd]) async -> [ReplayResult] {
        let clock = ContinuousClock()
        let fixture = Result { () throws(Fixture.Unreadable) in try Fixture(files) }
        var results: [ReplayResult] = []
        for backEnd in backEnds {
            let start = clock.now
            let verdict = await verdict(on: fixture, in: backEnd)
            results.append(.init(files: files, backEnd: backEnd.name, verdict: verdict, duration: clock.now - start))
        }
        return results
    }

    private func verdict(on fixture: Result<Fixture, Fixture.Unreadable>, in backEnd: any BackEnd) async -> Verdict {
        guard !Task.isCancelled else { return .couldNotRun("interrupted") }
        do {
            let (fixture, session) = try await backEnd.open(try fixture.get())
            do {
                var run = FixtureRun(session, environment: environment)
                let verdict = try await run.verdict(on: fixture)
                await session.end()
                return verdict
            } catch {
                await session.end()
                throw error
            }
        } catch let error as Fixture.Unreadable {
            return .unreadable(error.description)
        } catch let error as Skipped {
            return .notCarried(error.description)
        } catch  where Task.isCancelled {
            return .couldNotRun("interrupted")
        } catch {
            return .couldNotRun("\(error)")
        }
    }

    /// Updates the expectations that do not hold, and returns the results with the new ones.
    ///
    /// Each fixture runs again until its update no longer changes, because a scenario shows only one failing step at a
    /// time.
    package func update(
        _ results: [ReplayResult],
        in backEnd: any BackEnd,
        _ console: Console
    ) async throws(CommandFailure) -> [ReplayResult] {
        var updated: [ReplayResult] = []
        for var result in results {
            var last: FixtureUpdate?
            while !Task.isCancelled, let update = result.verdict.update, update != last {
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

/// A deterministic random number generator (SplitMix64, by S. Vigna, in the public domain).
private struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
