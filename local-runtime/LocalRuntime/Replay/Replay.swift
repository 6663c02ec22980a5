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
            let function = function(given, try await store(given), clock)
            let response = await function.handler(fixture.request)
            let body = try await response.body.collect(upTo: EventReader.sizeLimit)
            return verdict(on: response, body: body, fixture.expectation)
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
            workflow: BuiltInWorkflows(clock: clock),
            clock: clock,
            randomBits: randomBits,
            options: given.settings.streams.options
        )
        return .all(
            token: TokenFunction(store: store, randomBits: randomBits, ttlPolicy: given.settings.ttlPolicy),
            stream: FunctionInstance(handler: { await stream.handle($0) })
        )
    }

    private static func verdict(on response: Response, body: [UInt8], _ expectation: Expectation?) -> Verdict {
        guard let expectation else {
            return .withoutExpectation(status: response.status.code, cause: response.cause)
        }
        let mismatches = expectation.mismatches(response, body: body)
        return mismatches.isEmpty ? .passed : .failed(mismatches, cause: response.cause)
    }

    /// 2026-01-01T00:00:00Z in milliseconds, where a window of any whole number of seconds up to a minute begins.
    private static let now = 1_767_225_600_000

    private static func store(_ given: Given) async throws(StoreError) -> any TokenStore {
        guard !given.isStoreDown else { return UnavailableTokenStore() }
        let store = MemoryTokenStore { now }
        for organization in given.organizations {
            let tag = organization.tag ?? Tag.random { .random(in: 0 ... .max) }
            _ = await store.organization(named: organization.name) { tag }
            _ = await store.setCredits(organization.credits, of: organization.name)
            for key in organization.keys {
                try await store.addKey(key.key, limit: key.rate)
                await store.useKey(key.key, requests: key.used)
                if !key.isEnabled { _ = await store.setKey(key.key.id, enabled: false) }
            }
        }
        return store
    }
}
