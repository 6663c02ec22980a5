import EventLoop
import Function
import FunctionRuntime
import StreamFunction
import StreamWiring
import TokenFunction
import Tokens
import Workflows

/// Puts fixtures through the functions, in this process. Each has a store of its own, whose clock stands still.
enum Replay {
    /// The verdicts, in the order of `fixtures`.
    static func run(_ fixtures: [FixtureFiles], _ clock: LoopClock) async -> [Verdict] {
        await withTaskGroup(of: (Int, Verdict).self) { group in
            for (index, files) in fixtures.enumerated() {
                group.addTask { (index, await verdict(on: files, clock)) }
            }
            var verdicts: [Int: Verdict] = [:]
            for await (index, verdict) in group { verdicts[index] = verdict }
            return fixtures.indices.compactMap { verdicts[$0] }
        }
    }

    private static func verdict(on files: FixtureFiles, _ clock: LoopClock) async -> Verdict {
        do {
            let fixture = try Fixture(files)
            let given = fixture.expectation?.given ?? Given()
            let store = try await GivenStore(given)
            let function = function(given, store.store, clock)
            let outcome = try await Outcome(of: await function.handler(fixture.request), store)
            return verdict(on: outcome, fixture.expectation)
        } catch let error as Fixture.Unreadable {
            return .unreadable(error.description)
        } catch {
            return .couldNotRun("\(error)")
        }
    }

    private static func function(_ given: Given, _ store: any TokenStore, _ clock: LoopClock) -> FunctionInstance {
        let randomBits: RandomBits = { .random(in: 0 ... .max) }
        let stream = StreamFunction(
            store: store,
            workflow: given.workflow ?? BuiltInWorkflows(clock: clock),
            clock: clock,
            randomBits: randomBits,
            options: given.settings.streams.options
        )
        return .all(
            token: TokenFunction(store: store, randomBits: randomBits, ttlPolicy: given.settings.ttlPolicy),
            stream: FunctionInstance(handler: { await stream.handle($0) })
        )
    }

    private static func verdict(on outcome: Outcome, _ expectation: Expectation?) -> Verdict {
        let response = outcome.response
        guard let expectation else {
            return .withoutExpectation(status: response.status.code, cause: response.cause)
        }
        let mismatches = expectation.mismatches(outcome)
        return mismatches.isEmpty ? .passed : .failed(mismatches, cause: response.cause)
    }
}
