import EventLoop
import Function
import FunctionRuntime
import StreamFunction
import StreamWiring
import TokenFunction
import TokenWiring
import Tokens
import Workflows

/// The functions as a fixture has them: with its store, its workflow and its settings.
struct FixtureFunctions: Sendable {
    let token: TokenFunction
    private let streams: StreamFunction

    /// `report` is told of what comes of streams.
    init(
        _ settings: FunctionSettings,
        store: any TokenStore,
        workflow: (any Workflow)?,
        clock: LoopClock,
        report: StreamFunction.Report? = nil
    ) {
        let randomBits: RandomBits = { .random(in: 0 ... .max) }
        token = TokenFunction(store: store, randomBits: randomBits, ttlPolicy: settings.tokens.ttlPolicy)
        streams = StreamFunction(
            store: store,
            workflow: workflow ?? BuiltInWorkflows(clock: clock),
            clock: clock,
            randomBits: randomBits,
            options: settings.streams.options,
            report: report
        )
    }

    var stream: FunctionInstance {
        FunctionInstance(
            errorResponse: { streams.errorResponse($0, $1, $2) },
            handler: { await streams.handle($0) }
        )
    }

    /// All of them as one.
    var instance: FunctionInstance { .all(token: token, stream: stream) }

    /// Gives back what an attempt of unknown outcome may hold.
    func settle() async {
        await streams.settle()
    }
}
