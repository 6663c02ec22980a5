import EventLoop
import FunctionRuntime
import StreamFunction
import StreamWiring
import TokenWiring
import Tokens
import Workflows

/// The functions of this package, put together for one loop: here alone, for every command, every replay and every test.
struct LocalFunctions: Sendable {
    private let token: FunctionInstance
    private let stream: FunctionInstance

    /// `around` may put something of its own around the workflows, or in their place. `report` is told of what comes of
    /// streams, in place of the context's log and metrics.
    init(
        _ settings: FunctionSettings,
        for context: LoopContext,
        store: any TokenStore,
        around: (any Workflow) -> any Workflow = { $0 },
        report: StreamFunction.Report? = nil
    ) {
        token = settings.tokens.instance(for: context, store: store)
        stream = settings.streams.instance(for: context, store: store, around: around, report: report)
    }

    /// All of them as one: each serves its own path, and what is no function's path gets the token function's 404.
    var instance: FunctionInstance {
        .routed(list.map { ($0.answers, $0.instance) }, otherwise: token)
    }

    /// The name of the one that serves `path`; nil if none does.
    func name(at path: String) -> String? {
        list.first { $0.answers(at: path) }?.name
    }

    private var list: [PackageFunction] { PackageFunction.all(token: token, stream: stream) }
}

extension LoopContext {
    /// For functions that write no log and count nothing.
    static func silent(on loop: EventLoop) -> LoopContext {
        LoopContext(
            loop: loop,
            // What is to be done once in a process, the first does.
            index: 1,
            log: Log(on: loop, level: .error, audit: .off, sink: LogSink()),
            random: SystemRandom()
        )
    }
}
