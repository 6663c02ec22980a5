import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// Runs a function on Lambda: polls the Runtime API for events, and posts their responses.
///
/// There is one loop, however many cores there are: Lambda sends one event at a time, or AWS_LAMBDA_MAX_CONCURRENCY of
/// them, each to one of as many workers.
final class LambdaRuntime: Sendable {
    private let options: RuntimeOptions
    let loop: EventLoop
    private let context: LoopContext
    private let instance: FunctionInstance
    private let service: FunctionService
    private let api: LambdaAPI
    private let workers: [LambdaWorker]
    private let code = Lock<Int32>(0)

    init(
        _ lambda: LambdaOptions,
        _ options: RuntimeOptions,
        sink: LogSink,
        process: LambdaProcess = LambdaProcess(),
        makeInstance: Runtime.MakeInstance
    ) throws(SystemError) {
        self.options = options
        api = lambda.api
        loop = try EventLoop()
        let log = Log(on: loop, level: options.logLevel, audit: options.audit, sink: sink)
        context = LoopContext(
            loop: loop,
            index: 0,
            log: log,
            random: SystemRandom(),
            runsBetweenRequests: false,
            collectsResponses: !lambda.streams
        )
        instance = makeInstance(context)
        service = FunctionService(instance, context, .lambda, options)
        var clientOptions = ClientOptions()
        // The Runtime API is on this machine, and keeps idle connections open.
        clientOptions.idleTimeout = .seconds(3600)
        clientOptions.idleLimit = lambda.concurrency
        let dependencies = LambdaWorker.Dependencies(
            context: context,
            options: lambda,
            client: Client(on: loop, options: clientOptions),
            service: service,
            settle: instance.settle,
            watch: try LambdaWatch(lambda.api, sink: sink, exit: process.exit),
            process: process
        )
        workers = (0..<lambda.concurrency).map { _ in LambdaWorker(dependencies) }
    }

    /// Serves events on the calling thread until the runtime stops; returns the process' exit code.
    func run() -> Int32 {
        loop.start { await self.work() }
        loop.run()
        return code.withLock { $0 }
    }

    /// Stops polling, gives events in flight ``RuntimeOptions/grace`` to end, then cancels them; ``run()`` returns
    /// then. On the loop.
    func drain() async {
        service.isDraining = true
        for worker in workers { await worker.stop() }
        await loop.sleep(until: loop.now + options.grace)
        for worker in workers { await worker.cancel() }
        await loop.sleep(until: loop.now + options.server.cancelGrace)
        // A handler that still runs is abandoned.
        loop.stop()
    }

    private func work() async {
        let background = loop.start { [instance] in await instance.background() }
        let tasks = workers.map { worker in loop.start { await self.ended(await worker.run()) } }
        for task in tasks { await task.value }
        background.cancel()
        await background.value
        context.log.flush()
        loop.stop()
    }

    /// Ends the process if a worker failed: Lambda starts a new one.
    private func ended(_ end: LambdaCycle.End) async {
        guard end.code != 0, code.withLock({ $0 }) == 0 else { return }
        code.withLock { $0 = end.code }
        context.log.write(.error, end == .unreachable ? "cannot start" : "ended") {
            $0.member("cause", "the Runtime API at \(api) \(end.cause)")
        }
        context.log.flush()
        loop.stop()
    }
}

extension LambdaCycle.End {
    fileprivate var cause: String {
        switch self {
        case .stopped: "is not polled any more"
        case .unreachable: "was not reached"
        case .lost: "has failed \(LambdaCycle.maxFailures) times in a row"
        case .broken: "reports that this environment cannot go on"
        }
    }
}
