import EventLoop
import Function
import FunctionRuntime
import StreamFunction
import StreamWiring
import TokenFunction
import Tokens
import Workflows

/// Puts fixtures through the functions, in this process. Each has a store of its own, whose clock stands still.
struct Replay: Sendable {
    let contract: ReplayContract
    let loop: EventLoop

    /// Each under way may have a server of its own, with a thread and sockets.
    private static let mostAtOnce = 16

    /// The verdicts, in the order of `fixtures`.
    func run(_ fixtures: [FixtureFiles]) async -> [Verdict] {
        await withTaskGroup(of: (Int, Verdict).self) { group in
            var verdicts: [Int: Verdict] = [:]
            for (index, files) in fixtures.enumerated() {
                if index >= Self.mostAtOnce, let (index, verdict) = await group.next() { verdicts[index] = verdict }
                group.addTask { (index, await verdict(on: files)) }
            }
            for await (index, verdict) in group { verdicts[index] = verdict }
            return fixtures.indices.compactMap { verdicts[$0] }
        }
    }

    private func verdict(on files: FixtureFiles) async -> Verdict {
        do {
            let fixture = try Fixture(files)
            let given = fixture.expectation?.given ?? Given()
            if contract.collectsAnswers, fixture.expectation?.isComplete == false {
                throw ReplayContract.CannotCarry("answers are collected there, and one that breaks off is a 502")
            }
            let store = try await GivenStore(given)
            let response = try await contract.response(to: fixture.request, on: loop) { loop in
                Self.function(given, store.store, LoopClock(loop))
            }
            let outcome = try await Outcome(of: response, store)
            return Self.verdict(on: outcome, fixture.expectation)
        } catch let error as Fixture.Unreadable {
            return .unreadable(error.description)
        } catch let error as ReplayContract.CannotCarry {
            return .notCarried(error.description)
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
            stream: FunctionInstance(
                errorResponse: { stream.errorResponse($0, $1, $2) },
                handler: { await stream.handle($0) }
            )
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
