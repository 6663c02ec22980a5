import FunctionCore
package import FunctionEventLoop
package import FunctionRuntime
package import FunctionTesting
package import LocalRuntimeConsole
package import StreamTokens
package import StreamTokensWorkflows

/// Turns the calls that go through the functions into fixtures, without delaying them.
package final class FixtureRecorder: Sendable {
    private let folder: FixtureFolder
    private let store: LocalStore
    private let environment: [String: String]
    private let messages: Output
    private let budget = RecordingBudget()
    /// Calls that have ended.
    private let calls: AsyncStream<RecordedCall>
    private let ends: AsyncStream<RecordedCall>.Continuation

    /// The most calls that wait while others are written.
    private static let maxWaiting = 1000

    /// `environment` is that of the functions.
    package init(_ folder: FixtureFolder, _ store: LocalStore, environment: [String: String], messages: Output) {
        self.folder = folder
        self.store = store
        self.environment = environment
        self.messages = messages
        (calls, ends) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maxWaiting))
    }

    /// Wraps the store for the functions.
    package func around(_ store: any TokenStore) -> any TokenStore {
        RecordingTokenStore(store: store)
    }

    /// Wraps the workflow for the stream function.
    package func around(_ workflow: any Workflow) -> any Workflow {
        RecordingWorkflow(workflow: workflow)
    }

    /// Wraps the functions so that their calls are recorded.
    package func around(_ functions: FunctionInstance) -> FunctionInstance {
        var instance = functions
        instance.handler = { request in
            let call = RecordedCall(request, self.budget) { call in
                if case .dropped = self.ends.yield(call) { self.skip(call, "too many calls wait to be recorded") }
            }
            return await call.observe(request) { request in
                await RecordedCall.$current.withValue(call) { await functions.handler(request) }
            }
        }
        return instance
    }

    /// Writes the calls one after the other, in the order in which they ended, until ``finish()``. Runs on the loop of the
    /// store.
    package func run(on loop: EventLoop) async {
        var writer = FixtureWriter(folder, store.administration, environment: environment, loop: loop)
        for await call in calls {
            do throws(FixtureWriter.Unrecordable) {
                try await writer.write(call)
            } catch {
                skip(call, error.reason)
            }
        }
    }

    /// Ends the recording with the calls that have ended by now.
    package func finish() {
        ends.finish()
    }

    private func skip(_ call: RecordedCall, _ reason: String) {
        let status = call.content.response.map { " (\($0.status))" } ?? ""
        var secrets = Placeholders()
        let target = "\(call.request.method.name) \(secrets.replaced(inPath: call.request.path))"
        messages.line("local-runtime: not recorded: \(target)\(status): \(Secrets.masked(reason))")
    }
}

/// Limits the bytes that all calls together keep until they are recorded.
final class RecordingBudget: Sendable {
    static let defaultSize = 64 << 20

    private let rest: Lock<Int>

    init(_ bytes: Int = defaultSize) {
        rest = Lock(bytes)
    }

    /// Takes `bytes` from the budget; returns false, and takes nothing, if fewer are left.
    func take(_ bytes: Int) -> Bool {
        rest.withLock { rest in
            guard bytes <= rest else { return false }
            rest -= bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) {
        rest.withLock { $0 += bytes }
    }
}
